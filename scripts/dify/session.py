"""One signed-in connection to Dify's console API: by admin API key, or by e-mail and password."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from scripts.dify.errors import DifyError, LockedOut, NotReachable, Refused, SignInFailed

TIMEOUT = (10, 120)  # seconds: connect, read; uploading a package and validating a model take a while
SAFE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class SignIn:
    """Either a key and a workspace, or an e-mail address and a password."""

    admin_key: str = field(default="", repr=False)
    workspace_id: str = ""
    email: str = ""
    password: str = field(default="", repr=False)


class DifySession:
    """Signs in with the first call, and again when the session has run out in mid-run."""

    def __init__(self, url: str, sign_in: SignIn) -> None:
        self.url = url.rstrip("/").removesuffix("/console/api").removesuffix("/v1")
        self.version = ""
        self._sign_in = sign_in
        self._http = requests.Session()
        self._http.trust_env = False
        self._signed_in = False

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.call("POST", path, json=dict(body or {}))

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of the answer, `None` for an empty one.

        Raises:
            DifyError: with Dify's own words; after one renewed sign-in when the old one had run out.
        """
        self._ensure_signed_in()
        reply = self._send(method, path, **request)
        if reply.status_code == requests.codes.unauthorized and not self._sign_in.admin_key:
            self._renew()
            reply = self._send(method, path, **request)
        return self._checked(reply)

    def _ensure_signed_in(self) -> None:
        if self._signed_in or self._sign_in.admin_key:
            return
        if not self._sign_in.email:
            raise SignInFailed(
                "no way to sign in was given",
                "set DIFY_ADMIN_API_KEY and DIFY_WORKSPACE_ID, or DIFY_EMAIL and DIFY_PASSWORD",
            )
        self._log_in()

    def _log_in(self) -> None:
        encoded = base64.b64encode(self._sign_in.password.encode()).decode()
        reply = self._log_in_with(encoded)
        if "Invalid encrypted data" not in reply.text and _code(reply) == "authentication_failed":
            pass  # the password is wrong, in whatever form
        elif reply.status_code == requests.codes.unauthorized:
            reply = self._log_in_with(self._sign_in.password)  # versions before the encoding
        if _code(reply) == "email_code_login_limit" or reply.status_code == requests.codes.too_many_requests:
            raise LockedOut(
                f"Dify has locked {self._sign_in.email} after too many wrong passwords",
                "wait 24 hours, or use DIFY_ADMIN_API_KEY",
                reply.status_code,
            )
        if reply.status_code != requests.codes.ok:
            words = _message(reply) or f"HTTP {reply.status_code}"
            raise SignInFailed(f"Dify does not accept the sign-in: {words}", _sign_in_fix(reply), reply.status_code)
        self._signed_in = True

    def _log_in_with(self, password: str) -> requests.Response:
        body = {"email": self._sign_in.email, "password": password, "remember_me": True}
        return self._send("POST", "/login", json=body)

    def _renew(self) -> None:
        """The refresh token lives for 30 days; without it the password is asked for again."""
        if self._send("POST", "/refresh-token").status_code != requests.codes.ok:
            self._http.cookies.clear()
            self._log_in()

    def _send(self, method: str, path: str, **request: Any) -> requests.Response:
        url = f"{self.url}/console/api{path}"
        try:
            reply = self._http.request(
                method, url, headers=self._headers(), timeout=TIMEOUT, allow_redirects=method in SAFE, **request
            )
        except requests.RequestException as error:
            raise NotReachable(
                f"{self.url} does not answer ({type(error).__name__})",
                "check DIFY_URL; Dify's own compose listens on http://localhost",
            ) from error
        self.version = reply.headers.get("X-Version", self.version)
        return reply

    def _headers(self) -> dict[str, str]:
        if self._sign_in.admin_key:
            bearer = {"Authorization": f"Bearer {self._sign_in.admin_key}"}
            return {**bearer, "X-WORKSPACE-ID": self._sign_in.workspace_id}
        token = next((cookie.value for cookie in self._http.cookies if cookie.name.endswith("csrf_token")), None)
        return {"X-CSRF-Token": token} if token else {}

    def _checked(self, reply: requests.Response) -> Any:
        if reply.ok:
            return reply.json() if reply.content else None
        code, words = _code(reply), _message(reply)
        if reply.status_code == requests.codes.unauthorized:
            raise SignInFailed(f"Dify does not accept the sign-in: {words}", _key_fix(self._sign_in), reply.status_code)
        if not code:
            raise NotReachable(
                f"{self.url} answers HTTP {reply.status_code} to {reply.request.path_url}, but not like Dify",
                "check DIFY_URL; it is the address of Dify's web page or API",
                reply.status_code,
            )
        raise Refused(words or code, "", reply.status_code, code)


def _field(reply: requests.Response, name: str) -> str:
    try:
        value = reply.json()
    except ValueError:
        return ""
    return str(value.get(name) or "") if isinstance(value, dict) else ""


def _code(reply: requests.Response) -> str:
    return _field(reply, "code")


def _message(reply: requests.Response) -> str:
    return _field(reply, "message")


def _sign_in_fix(reply: requests.Response) -> str:
    if _code(reply) == "not_setup":
        return "open Dify in a browser once and create the admin account"
    return "check DIFY_EMAIL and DIFY_PASSWORD; five wrong tries lock the account for a day"


def _key_fix(sign_in: SignIn) -> str:
    if sign_in.admin_key:
        return "check DIFY_ADMIN_API_KEY and DIFY_WORKSPACE_ID; Dify needs ADMIN_API_KEY_ENABLE=true"
    return "check DIFY_EMAIL and DIFY_PASSWORD"


__all__ = ["DifyError", "DifySession", "SignIn"]
