"""Pooled connections that know their socket and whether it has served before."""

import http.client
import socket
import ssl
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from provider.core.watch import WATCH
from provider.core.wire.chunked import Dechunker

PIECE = 65536
POOL_SIZE = 1024  # as many as the SDK's workers: a stream keeps its connection until it ends


class BatchingResponse(http.client.HTTPResponse):
    """One read gives all that has arrived; the standard one gives a chunk of the encoding at a time."""

    _dechunker: Dechunker | None = None

    def read1(self, n: int = -1) -> bytes:
        """Raises `http.client.IncompleteRead` when the connection ends inside the encoding."""
        if self.isclosed() or not self.chunked:
            return super().read1(n)
        self._dechunker = self._dechunker or Dechunker()
        while True:
            data = self.fp.read1(PIECE)
            if not data:
                raise http.client.IncompleteRead(b"")
            payload = self._dechunker.feed(data)
            if self._dechunker.done:
                self.close()
            if payload or self._dechunker.done:
                return payload


class StaleConnection(ConnectionError):
    """The server had closed this pooled connection: it answered nothing on it, so asking again is safe."""


class PlainConnection(HTTPConnection):
    """llama.cpp closes a connection after 5 s idle and after 100 requests, others after their own time."""

    response_class = BatchingResponse
    served = 0
    stream_socket: Any = None  # http.client forgets its socket when the server will close the connection

    def connect(self) -> None:
        self.served = 0
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        with self._noticing_staleness():
            super().request(*args, **kwargs)

    def getresponse(self) -> Any:
        self.stream_socket = self.sock
        with within(self.sock.gettimeout() if self.sock else None, self.sock), self._noticing_staleness():
            response = super().getresponse()
        self.served += 1
        return response

    @contextmanager
    def _noticing_staleness(self) -> Generator[None]:
        try:
            yield
        except ConnectionError as error:  # http.client.RemoteDisconnected is one
            if self.served:
                raise StaleConnection(str(error)) from error
            raise


class TlsConnection(PlainConnection, HTTPSConnection):
    """The same over TLS."""


class PlainPool(HTTPConnectionPool):
    ConnectionCls = PlainConnection  # ty: ignore[invalid-assignment] - only its response class differs


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = TlsConnection  # ty: ignore[invalid-assignment]


POOLS: dict[str, Any] = {"http": PlainPool, "https": TlsPool}


class PooledAdapter(HTTPAdapter):
    """Hands one TLS context to every connection instead of building one for each."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=4, pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **self._tls(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **self._tls(), **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context says what is trusted."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def _tls(self) -> dict[str, Any]:
        if self._context is None:
            return {}
        return {"ssl_context": self._context, "cert_reqs": self._context.verify_mode}


class _Limit:
    """The end of somebody's patience with a socket."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.due = time.monotonic() + seconds
        self.passed = False
        self._socket = sock

    def cut(self) -> None:
        self.passed = True
        self._socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def within(seconds: float | None, sock: socket.socket | None) -> Generator[None]:
    """For what comes in bits, each of them in time: a time-out of the socket would begin anew with each.

    Raises:
        TimeoutError: it was not done after so many seconds.
    """
    if seconds is None or sock is None:
        yield
        return
    limit = _Limit(sock, seconds)
    WATCH.add(limit)
    try:
        yield
    except Exception as error:
        if limit.passed:
            raise TimeoutError(f"not done after {seconds:g} s") from error
        raise
    finally:
        WATCH.remove(limit)
    if limit.passed:
        raise TimeoutError(f"not done after {seconds:g} s")
