"""TLS over memory, so that the raw socket keeps the kernel's receive times."""

import _socket
import ssl
from collections.abc import Callable
from functools import cache
from time import monotonic

import gevent.socket

LARGEST_READ = 65536


@cache
def context() -> ssl.SSLContext:
    """One for the process: making one costs 58 ms. Certificates are checked; SSL_CERT_FILE adds an own authority."""
    return ssl.create_default_context()


class Secure:
    """Seals what is written and opens what was read."""

    def __init__(self, host: str) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context().wrap_bio(self._in, self._out, server_hostname=host)

    def shake_hands(self, sock: _socket.socket, timeout: float) -> None:
        """Raises `ssl.SSLError`, `TimeoutError` or another `OSError`."""
        until = monotonic() + timeout
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(sock, until)
                self._fill(sock, until)
            else:
                self._flush(sock, until)
                return

    def sealed(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self._out.read()

    def opened(self, data: bytes) -> bytes:
        """What is readable so far."""
        self._in.write(data)
        found = []
        try:
            while piece := self._tls.read(LARGEST_READ):
                found.append(piece)
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        return b"".join(found)

    def _flush(self, sock: _socket.socket, until: float) -> None:
        left = memoryview(self._out.read())
        while left:
            left = left[_patient(lambda left=left: sock.send(left), sock, until, gevent.socket.wait_write) :]

    def _fill(self, sock: _socket.socket, until: float) -> None:
        data = _patient(lambda: sock.recv(LARGEST_READ), sock, until, gevent.socket.wait_read)
        if not data:
            raise ConnectionResetError("the server closed the connection in the TLS handshake")
        self._in.write(data)


def _patient[T](call: Callable[[], T], sock: _socket.socket, until: float, wait: Callable[..., None]) -> T:
    while True:
        try:
            return call()
        except BlockingIOError:
            wait(sock.fileno(), timeout=max(until - monotonic(), 0.001))
