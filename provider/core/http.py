"""The only module that talks to model servers over the network: one pooled Session per server."""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.utils import get_environ_proxies

from provider.core.body import Body
from provider.core.connections import PooledAdapter, StaleConnection, within
from provider.core.errors import BadSetting, ConnectTimedOut, ServerError, TimedOut, Unreachable
from provider.core.server import Server
from provider.core.tls import tls_context

HEADERS = {"User-Agent": "dify-local-models/0.1.0", "Accept": "*/*", "Accept-Encoding": "identity"}
SESSIONS = 64  # servers remembered; older ones are forgotten, their open streams go on
PIECE = 65536
LARGEST = 64 * 1024 * 1024  # bytes of a whole answer; one without end must not fill the memory
QUICK = 5.0  # seconds for a question about metadata

_sessions: OrderedDict[tuple[Any, ...], requests.Session] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. Its status is for the caller to judge."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's success range

    def json(self) -> Any:
        """The decoded body, or `None` when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is no JSON."""

    content_type: str
    data: bytes


type Sent = Mapping[str, Any] | Upload | None


class Http:
    """Requests to one server. What goes wrong below HTTP leaves here as a `ServerError`."""

    def __init__(self, server: Server, session: requests.Session | None = None) -> None:
        self.server = server
        self._session = session or session_for(server)

    def get(self, path: str, timeout: float = QUICK) -> Reply:
        return self._whole("GET", path, None, timeout)

    def post(self, path: str, body: Mapping[str, Any] | Upload, timeout: float = QUICK) -> Reply:
        return self._whole("POST", path, body, timeout)

    def options(self, path: str, timeout: float = QUICK) -> Reply:
        """Whether a path is there, without doing anything."""
        return self._whole("OPTIONS", path, None, timeout)

    def stream(self, path: str, body: Mapping[str, Any], deadline: float) -> Body:
        """Send now and wait for the status line; the caller iterates the body and closes it."""
        patience = min(self.server.timeouts.first_token, max(deadline - time.monotonic(), 0.001))
        try:
            response = self._send("POST", path, body, patience)
        except TimedOut as error:
            raise TimedOut(
                f"{self.server.url} took the question and said nothing for {patience:g} s; a model that loads, or a "
                "queue before it, may need longer: raise “Seconds to the first word” (first_token_timeout)"
            ) from error
        return Body(response, self.server, deadline, patience)

    def _whole(self, method: str, path: str, body: Sent, timeout: float) -> Reply:
        response = self._send(method, path, body, timeout)
        sock = getattr(getattr(response.raw, "connection", None), "stream_socket", None)
        with _translated(self.server), response, within(timeout, sock):
            return Reply(response.status_code, response.headers, b"".join(_limited(response)))

    def _send(self, method: str, path: str, body: Sent, read: float) -> requests.Response:
        try:
            return self._send_once(method, path, body, read)
        except _Stale:
            return self._send_once(method, path, body, read)

    def _send_once(self, method: str, path: str, body: Sent, read: float) -> requests.Response:
        sent = body if isinstance(body, Upload | None) else Upload("application/json", encoded(body))
        with _translated(self.server):
            return self._session.request(
                method,
                self.server.url + path,
                data=sent.data if sent else None,
                headers={**({"Content-Type": sent.content_type} if sent else {}), **dict(self.server.headers)},
                timeout=(min(self.server.timeouts.connect, read), read),
                stream=True,
                allow_redirects=False,  # a redirected POST turns into a GET; the person must correct the address
            )


class _Stale(Unreachable): ...


def _limited(response: requests.Response) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(PIECE):
        size += len(piece)
        if size > LARGEST:
            raise requests.exceptions.ContentDecodingError(f"its answer is longer than {LARGEST >> 20} MiB")
        yield piece


def encoded(body: Mapping[str, Any]) -> bytes:
    """JSON as UTF-8; half a surrogate pair in a prompt becomes a question mark instead of a crash."""
    return json.dumps(body, ensure_ascii=False).encode(errors="replace")


def session_for(server: Server) -> requests.Session:
    """The one Session of this server. It holds no key: that travels with each request."""
    parts = urlsplit(server.url)
    key = (parts.scheme, parts.netloc, server.tls, server.proxy)
    with _lock:
        session = _sessions.pop(key, None) or _new_session(server)
        _sessions[key] = session
        if len(_sessions) > SESSIONS:
            _sessions.popitem(last=False)
        return session


def _new_session(server: Server) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # neither environment proxies nor ~/.netrc decide for a local server
    session.headers.clear()
    session.headers.update(HEADERS)
    session.proxies.update(_proxies(server))
    secure = server.url.startswith("https:") or server.proxy.startswith("https:")
    adapter = PooledAdapter(tls_context(server.tls) if secure else None)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _proxies(server: Server) -> dict[str, str]:
    if server.proxy == "env":
        return dict(get_environ_proxies(server.url))
    return {"http": server.proxy, "https": server.proxy} if server.proxy else {}


@contextmanager
def _translated(server: Server) -> Generator[None]:
    """Foreign exceptions end here. requests and the urllib3 below it each have their own."""
    try:
        yield
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        urllib3.exceptions.LocationParseError,
    ) as error:
        raise BadSetting(f"{server.url} is not an address the plugin can use ({error})") from error
    except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise _timed_out(server, error) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _unreachable(server, error) from error


def _timed_out(server: Server, error: Exception) -> ServerError:
    if isinstance(error, (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError)):
        return ConnectTimedOut(f"{server.url} did not accept a connection within {server.timeouts.connect:g} s")
    return TimedOut(f"{server.url} accepted the connection but did not answer in time")


def _unreachable(server: Server, error: Exception) -> ServerError:
    if any(isinstance(cause, StaleConnection) for cause in _causes(error)):
        return _Stale(f"{server.url} closed the connection")
    return Unreachable(f"{server.url} is not reachable ({root_cause(error)})")


def root_cause(error: BaseException) -> str:
    """The innermost reason, without the library's wrapping."""
    innermost = list(_causes(error))[-1]
    return str(innermost) or type(innermost).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, and what it wraps: requests and urllib3 keep causes in their arguments."""
    seen: list[BaseException] = []
    queue: list[BaseException] = [error]
    while queue:
        cause = queue.pop(0)
        if cause in seen:
            continue
        seen.append(cause)
        yield cause
        inner = [getattr(cause, "reason", None), *cause.args, cause.__cause__]
        queue += [each for each in inner if isinstance(each, BaseException)]
