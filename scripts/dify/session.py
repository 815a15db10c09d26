"""One signed-in connection to Dify's console API: by admin API key, or by e-mail and password."""

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.utils import get_environ_proxies

from provider.core.address import is_this_machine
from provider.core.http import root_cause
from scripts.dify.address import root_of
from scripts.dify.errors import NotReachable, SignInFailed
from scripts.dify.replies import not_signed_in, text_of, value_of

TIMEOUT = (10, 120)  # seconds: connect, read; uploading a package and validating a model take a while
ENCODED_SINCE = (1, 12)  # Dify takes passwords as base64; some versions before took them as they are
MISTAKEN = (400, 401)
START = "start it: docker compose up -d in Dify's docker folder; or give its address with --dify or DIFY_URL"
KEY_FIX = "check DIFY_ADMIN_API_KEY and DIFY_WORKSPACE_ID; Dify needs ADMIN_API_KEY_ENABLE=true and ADMIN_API_KEY"


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
        self.url = root_of(url)
        self.version = ""  # as the last answer told it
        self._sign_in = sign_in
        self._http = _new_http(self.url)
        self._bearer = sign_in.admin_key
        self._signed_in = bool(sign_in.admin_key)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.call("POST", path, json=dict(body or {}))

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of the answer, `None` for an empty one. What is sent must be readable twice.

        Raises:
            DifyError: with Dify's own words; after one renewed sign-in when the old one had run out.
        """
        if not self._signed_in:
            self._log_in()
        reply = self._send(method, path, **request)
        if reply.status_code == requests.codes.unauthorized and not self._sign_in.admin_key:
            self._renew()
            reply = self._send(method, path, **request)
        if reply.status_code == requests.codes.unauthorized:
            raise self._unauthorized(reply)
        return value_of(reply)

    def public(self, path: str) -> Any:
        """What Dify tells everybody."""
        return value_of(self._send("GET", path))

    def service(self, method: str, path: str, key: str, **request: Any) -> Any:
        """The same of Dify's service API, `/v1`, with a key of its own."""
        headers = {"Authorization": f"Bearer {key}"}
        return value_of(self._send(method, path, base=f"{self.url}/v1", headers=headers, **request))

    def _log_in(self) -> None:
        reply = self._log_in_with(base64.b64encode(self._sign_in.password.encode()).decode())
        if reply.status_code in MISTAKEN and self._is_before(ENCODED_SINCE):
            reply = self._log_in_with(self._sign_in.password)
        if reply.status_code in MISTAKEN or reply.status_code == requests.codes.too_many_requests:
            raise not_signed_in(reply, self._sign_in.email)
        value = value_of(reply)
        tokens = value.get("data") if isinstance(value, dict) else None
        self._bearer = tokens.get("access_token", "") if isinstance(tokens, dict) else ""  # before cookies came
        self._signed_in = True

    def _log_in_with(self, password: str) -> requests.Response:
        body = {"email": self._sign_in.email, "password": password, "remember_me": True}
        return self._send("POST", "/login", json=body)

    def _is_before(self, version: tuple[int, int]) -> bool:
        numbers = re.match(r"(\d+)\.(\d+)", self.version)
        return numbers is not None and (int(numbers[1]), int(numbers[2])) < version

    def _renew(self) -> None:
        """The refresh token lives for 30 days; without it the password is used again."""
        if self._send("POST", "/refresh-token").status_code != requests.codes.ok:
            self._http.cookies.clear()
            self._bearer = ""
            self._log_in()

    def _send(self, method: str, path: str, *, base: str = "", **request: Any) -> requests.Response:
        url = f"{base or f'{self.url}/console/api'}{path}"
        settings: dict[str, Any] = {"headers": self._headers(), "timeout": TIMEOUT, "allow_redirects": False}
        try:
            reply = self._http.request(method, url, **(settings | request))
        except requests.exceptions.SSLError as error:
            fix = "set REQUESTS_CA_BUNDLE to the file of your own CA, or use the name the certificate is for"
            raise NotReachable(f"the certificate of {self.url} is not trusted", fix) from error
        except requests.RequestException as error:
            why = re.sub(r"^\[Errno -?\d+\] ", "", root_cause(error))
            raise NotReachable(f"Dify does not answer at {self.url} ({why})", START) from error
        self.version = reply.headers.get("X-Version", self.version)
        return reply

    def _headers(self) -> dict[str, str]:
        if self._sign_in.admin_key:
            return {"Authorization": f"Bearer {self._bearer}", "X-WORKSPACE-ID": self._sign_in.workspace_id}
        token = next((cookie.value for cookie in self._http.cookies if cookie.name.endswith("csrf_token")), None)
        csrf = {"X-CSRF-Token": token} if token else {}
        return {**csrf, "Authorization": f"Bearer {self._bearer}"} if self._bearer else csrf

    def _unauthorized(self, reply: requests.Response) -> SignInFailed:
        fix = KEY_FIX if self._sign_in.admin_key else "check DIFY_EMAIL and DIFY_PASSWORD"
        words = text_of(reply, "message") or f"HTTP {reply.status_code}"
        return SignInFailed(f"Dify does not accept the sign-in: {words}", fix, reply.status_code)


def _new_http(url: str) -> requests.Session:
    """Neither ~/.netrc nor a proxy comes between us and a Dify on this machine."""
    http = requests.Session()
    http.trust_env = False
    http.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    if not is_this_machine(url):
        http.proxies.update(get_environ_proxies(url))
    return http
