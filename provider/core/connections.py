"""Pooled connections that know their socket and whether it has served before."""

import ssl
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

POOL_SIZE = 1024  # as many as the SDK's workers: a stream keeps its connection until it ends


class StaleConnection(ConnectionError):
    """The server had closed this pooled connection: it answered nothing on it, so asking again is safe."""


class _Remembers:
    """llama.cpp closes a connection after 5 s idle and after 100 requests, others after their own time."""

    served = 0
    stream_socket: Any = None  # http.client forgets its socket when the server will close the connection

    def getresponse(self) -> Any:
        self.stream_socket = self.sock  # type: ignore[attr-defined]
        try:
            response = super().getresponse()  # type: ignore[misc]
        except (ConnectionError, BrokenPipeError) as error:  # http.client.RemoteDisconnected is one
            if self.served:
                raise StaleConnection(str(error)) from error
            raise
        self.served += 1
        return response

    def request(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
        except (ConnectionError, BrokenPipeError) as error:
            if self.served:
                raise StaleConnection(str(error)) from error
            raise

    def connect(self) -> None:
        self.served = 0
        super().connect()  # type: ignore[misc]


class _Plain(_Remembers, HTTPConnection): ...


class _Tls(_Remembers, HTTPSConnection): ...


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


POOLS = {"http": _PlainPool, "https": _TlsPool}


class PooledAdapter(HTTPAdapter):
    """Hands one TLS context to every connection instead of building one for each."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=4, pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
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
