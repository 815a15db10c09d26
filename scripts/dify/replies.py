"""An answer of Dify → its JSON, or an error with Dify's own words and one remedy."""

from typing import Any

import requests

from scripts.dify.errors import LockedOut, NotReachable, Refused, SignInFailed

LOCKED = "email_code_login_limit"
FORBIDDEN, TOO_LARGE = 403, 413
RIGHTS = "sign in as an owner or admin of the workspace; or let this account install plugins (Plugins → permissions)"
PROXY_LIMIT = "raise NGINX_CLIENT_MAX_BODY_SIZE in Dify's docker/.env"
ANOTHER_PROGRAM = "check DIFY_URL: it is the address at which Dify's pages open in a browser"


def value_of(reply: requests.Response) -> Any:
    """The JSON of a good answer, `None` for an empty one.

    Raises:
        NotReachable: this is no Dify, or the way to it leads elsewhere.
        Refused: with Dify's words.
    """
    if reply.is_redirect:
        raise _moved(reply)
    if not reply.ok:
        raise _refusal(reply)
    if not reply.content:
        return None
    try:
        return reply.json()
    except ValueError:
        raise _not_dify(reply) from None


def text_of(reply: requests.Response, name: str) -> str:
    """A field of the answer, empty where it is not there."""
    try:
        value = reply.json()
    except ValueError:
        return ""
    return str(value.get(name) or "") if isinstance(value, dict) else ""


def not_signed_in(reply: requests.Response, email: str) -> SignInFailed:
    """Why the e-mail and the password were not taken."""
    if text_of(reply, "code") == LOCKED or reply.status_code == requests.codes.too_many_requests:
        return LockedOut(
            f"Dify has locked {email} after too many wrong passwords",
            "wait 24 hours, or use DIFY_ADMIN_API_KEY",
            reply.status_code,
            LOCKED,
        )
    words = text_of(reply, "message") or f"HTTP {reply.status_code}"
    fix = "check DIFY_EMAIL and DIFY_PASSWORD; five wrong tries lock the account for a day"
    if text_of(reply, "code") == "not_setup":
        fix = "open Dify in a browser once and create the admin account"
    return SignInFailed(f"Dify does not accept the sign-in: {words}", fix, reply.status_code, text_of(reply, "code"))


def _refusal(reply: requests.Response) -> NotReachable | Refused:
    code, words = text_of(reply, "code"), text_of(reply, "message")
    if reply.status_code == TOO_LARGE:
        return Refused("the proxy before Dify refuses so large a file", PROXY_LIMIT, TOO_LARGE)
    if text_of(reply, "status") == "failed":  # an import says it in its own way
        return Refused(text_of(reply, "error"), "", reply.status_code, "failed")
    if not code:
        return _not_dify(reply)
    fix = RIGHTS if reply.status_code == FORBIDDEN else ""
    if reply.status_code >= requests.codes.server_error:
        words, fix = f"{words} (HTTP {reply.status_code})", "look at the log of Dify's api: docker compose logs api"
    return Refused(words or code, fix, reply.status_code, code)


def _not_dify(reply: requests.Response) -> NotReachable:
    where, path = reply.url.partition("/console/api")[0], reply.request.path_url.partition("?")[0]
    if reply.status_code >= requests.codes.server_error:
        return NotReachable(
            f"{where} answers HTTP {reply.status_code}: the proxy is there, Dify's api behind it is not",
            "wait until it is up: docker compose ps in Dify's docker folder",
            reply.status_code,
        )
    said = f"answers HTTP {reply.status_code} to {path}, but not like Dify"
    return NotReachable(f"{where} {said}", ANOTHER_PROGRAM, reply.status_code)


def _moved(reply: requests.Response) -> NotReachable:
    to = reply.headers.get("Location", "").partition("/console/api")[0] or "another address"
    return NotReachable(
        f"{reply.url.partition('/console/api')[0]} redirects to {to}",
        f"use that: --dify {to}",
        reply.status_code,
    )
