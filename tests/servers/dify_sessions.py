"""Who may ask: passwords in base64, accounts that lock, tokens that run out, CSRF, the admin key."""

import base64
import binascii
from dataclasses import dataclass, field

from tests.servers.dify_answers import Refusal, done, new_id, refusal
from tests.servers.exchange import Request, Response

EMAIL, PASSWORD = "admin@example.com", "Correct-horse-1"
ADMIN_KEY, WORKSPACE = "admin-key-0123456789", "2bf97b12-c66d-461a-be11-514082fa46fc"
TRIES = 5
BEARER = "Bearer "


@dataclass(slots=True)
class Sessions:
    """`calls_per_token`: an access token is good for so many calls; `None` for all."""

    calls_per_token: int | None = None
    takes: str = "base64"  # or "plain", as versions before 1.12; "bearer" as those before cookies
    has_admin_key: bool = True
    is_set_up: bool = True
    refreshes: bool = True
    wrong: int = 0
    logins: int = 0
    access: dict[str, int] = field(default_factory=dict)  # token → calls
    csrf: dict[str, str] = field(default_factory=dict)  # access token → CSRF token
    refresh: str = ""

    def log_in(self, request: Request) -> Response:
        if not self.is_set_up:
            raise refusal(401, "not_setup", "Dify has not been initialized and installed yet. Please proceed with the "
                          "initialization and installation process first.")  # fmt: skip
        if self.wrong >= TRIES:
            text = "Too many incorrect password attempts. Please try again later."
            raise refusal(429, "email_code_login_limit", text)
        body = request.json
        if body["email"] != EMAIL or self._decoded(body["password"]) != PASSWORD:
            self.wrong += 1
            raise refusal(401, "authentication_failed", "Invalid email or password.")
        self.wrong, self.logins = 0, self.logins + 1
        return self._with_tokens()

    def renew(self, request: Request) -> Response:
        if not self.refreshes or _cookies(request).get("refresh_token") != self.refresh or not self.refresh:
            raise Refusal(Response.of_json({"result": "fail"}, 401))
        return self._with_tokens()

    def check(self, request: Request) -> None:
        """Raises `Refusal`."""
        bearer = request.headers.get("authorization", "").removeprefix(BEARER)
        if self.has_admin_key and bearer == ADMIN_KEY and request.headers.get("x-workspace-id") == WORKSPACE:
            return
        token = _cookies(request).get("access_token") or bearer
        if token not in self.access:
            raise refusal(401, "unauthorized", "Invalid token.")
        if request.headers.get("x-csrf-token") != self.csrf[token] and self.takes != "bearer":
            raise refusal(401, "unauthorized", "CSRF token is missing or invalid.")
        self.access[token] += 1
        if self.calls_per_token is not None and self.access[token] > self.calls_per_token:
            raise refusal(401, "unauthorized", "Token has expired.")

    def forget(self) -> None:
        """As after a restart with another secret key: nobody is signed in any more."""
        self.access.clear()
        self.refresh = ""

    def _decoded(self, password: str) -> str:
        if self.takes != "base64":
            return password
        try:
            return base64.b64decode(password, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise refusal(401, "authentication_failed", "Invalid encrypted data") from None

    def _with_tokens(self) -> Response:
        token, self.refresh = f"jwt.{new_id()}", new_id()
        self.access[token], self.csrf[token] = 0, f"csrf.{new_id()}"
        if self.takes == "bearer":
            return done({"result": "success", "data": {"access_token": token, "refresh_token": self.refresh}})
        # A mapping has a name once, HTTP does not mind how it is written.
        cookies = {
            "set-cookie": f"access_token={token}; HttpOnly; Path=/; SameSite=Lax",
            "Set-cookie": f"refresh_token={self.refresh}; HttpOnly; Path=/; SameSite=Lax",
            "Set-Cookie": f"csrf_token={self.csrf[token]}; Path=/; SameSite=Lax",
        }
        return done().but(headers={"Content-Type": "application/json", **cookies})


def _cookies(request: Request) -> dict[str, str]:
    pairs = (each.strip().partition("=") for each in request.headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs}
