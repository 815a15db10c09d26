"""One open connection: TLS over it, and one question after the other."""

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from provider.core.errors import BadSetting
from provider.core.reachability.together import left
from provider.core.server import Tls
from provider.core.tls import tls_context

type Outcome = Literal[
    "open",
    "refused",
    "timed out",
    "host unreachable",
    "net unreachable",
    "unknown name",
    "no name server",
    "slow name server",
    "closed",
    "reset",
    "silent",
    "not http",
    "tls mismatch",
    "tls untrusted",
    "tls wrong name",
    "tls expired",
    "tls failed",
    "proxy down",
    "proxy refuses",
    "proxy unsupported",
    "proxy in the way",
    "failed",
]

BODY_LIMIT = 1 << 20
CHUNK = 1 << 16
EXPIRED = (9, 10)  # OpenSSL's numbers: not yet valid, expired
WRONG_NAME = (62, 64)  # name mismatch, address mismatch
# What OpenSSL calls it when the other side does not speak TLS; the words differ between its versions.
NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "UNKNOWN_PROTOCOL")
TLS_ALERT = "\x15\x03"


class Trouble(Exception):
    """A step that did not work, and what is known about it."""

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        super().__init__(outcome, detail)
        self.outcome: Outcome = outcome
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Page:
    """An HTTP answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The value of the body, `None` when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Line:
    """A connection to a server. Each method raises `Trouble` when its step does not work."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._http: http.client.HTTPConnection | None = None

    def secure(self, name: str, tls: Tls, until: float) -> None:
        """Speak TLS from now on."""
        self._sock.settimeout(left(until))
        try:
            self._sock = tls_context(tls).wrap_socket(self._sock, server_hostname=name)
        except (OSError, ValueError, BadSetting) as error:
            raise _tls_trouble(error) from error

    def ask(self, host: str, path: str, until: float, method: str = "GET") -> Page:
        """Ask for a path; the connection stays open for the next one if the server keeps it open."""
        try:
            self._sock.settimeout(left(until))
            return self._exchange(host, path, until, method)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _http_trouble(error) from error

    def tunnel(self, there: str, until: float) -> Page:
        """Let a proxy connect us; what is asked from then on goes there."""
        aside = Line(self._sock.dup())  # http.client closes its socket after a CONNECT
        try:
            return aside.ask(there, there, until, method="CONNECT")
        finally:
            aside.close()

    def close(self) -> None:
        self._sock.close()

    def _exchange(self, host: str, path: str, until: float, method: str) -> Page:
        connection = self._connection()
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        connection.putheader("Accept", "application/json")
        connection.endheaders()
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body = b"" if method == "CONNECT" else self._body(response, until)
        response.close()
        return Page(response.status, headers, body)

    def _connection(self) -> http.client.HTTPConnection:
        if not self._http:
            self._http = http.client.HTTPConnection("given-below.invalid")
            self._http.sock = self._sock
            self._http.auto_open = 0  # one connection and no second one behind our back
        return self._http

    def _body(self, response: http.client.HTTPResponse, until: float) -> bytes:
        body = b""
        while len(body) < BODY_LIMIT and not response.isclosed():
            self._sock.settimeout(left(until))
            part = response.read1(CHUNK)
            if not part:
                break
            body += part
        return body


def _tls_trouble(error: Exception) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(_verdict(error.verify_code), error.verify_message)
    if isinstance(error, TimeoutError):
        return Trouble("silent")
    if isinstance(error, (ssl.SSLEOFError, ConnectionError)):
        return Trouble("closed")
    reason = getattr(error, "reason", None) or str(error)
    return Trouble("tls mismatch" if reason in NOT_TLS else "tls failed", str(reason))


def _verdict(code: int) -> Outcome:
    if code in WRONG_NAME:
        return "tls wrong name"
    return "tls expired" if code in EXPIRED else "tls untrusted"


def _http_trouble(error: Exception) -> Trouble:
    if isinstance(error, TimeoutError):
        return Trouble("silent")
    if isinstance(error, (http.client.RemoteDisconnected, http.client.NotConnected, BrokenPipeError)):
        return Trouble("closed")
    if isinstance(error, OSError):
        return Trouble("reset")
    first = str(error)[:40]
    shown = "".join(character if character.isprintable() else "·" for character in first.strip())
    return Trouble("tls mismatch" if first.startswith(TLS_ALERT) else "not http", shown)
