"""One connection: opened and written by a greenlet, read in gevent's hub with the kernel's receive times.

A load generator that waits for its turn to read measures itself. So no greenlet is woken to read: `turn` does it in the
hub, and the time of a byte is when the kernel got it (SO_TIMESTAMPNS, Linux; elsewhere the time of reading).
"""

import _socket
import socket
import ssl
import sys
from collections.abc import Callable
from typing import Any

import gevent.socket
from gevent import Timeout

from load_client.ask import Address
from load_client.failures import Overdue
from load_client.secure import Secure
from load_client.turn import Notes, Receive, this_turn
from load_metrics.exchange import Outcome

SO_TIMESTAMPNS = 35  # Linux, asm-generic/socket.h
HAS_KERNEL_TIMES = sys.platform == "linux"

Receiver = Callable[[bytes, int, int | None], None]
"""Bytes, when they came (ns of CLOCK_MONOTONIC), how late they were read (ns; `None` without kernel times)."""


class Connection:
    """`receiver` is called in the hub with what came, and `ended` with `None` at the end or with an error."""

    def __init__(self, address: Address, sock: _socket.socket) -> None:
        self.address = address
        self.receiver: Receiver | None = None
        self.ended: Callable[[OSError | None], None] | None = None
        self.dead = False
        self._sock = sock
        self._secure: Secure | None = None
        self._turn = this_turn()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._receive: Receive = self._plainly
        if HAS_KERNEL_TIMES:
            self._receive = sock.recvmsg
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    @classmethod
    def open(cls, address: Address, timeout: float) -> "Connection":
        """Connects, and shakes hands if it is https. Raises `OSError`; a `TimeoutError` after `timeout` seconds."""
        # One limit for finding the name and for all of its addresses, one after the other.
        with Timeout(timeout, TimeoutError(f"no connection within {timeout:g} s")):
            made = gevent.socket.create_connection((address.host, address.port), timeout)
        sock = _socket.socket(fileno=made.detach())
        sock.setblocking(False)
        connection = cls(address, sock)
        try:
            if address.scheme == "https":
                connection._shake_hands(timeout)
        except BaseException:
            connection.close()
            raise
        connection._turn.watch(sock.fileno(), connection, connection._receive)
        return connection

    def _shake_hands(self, timeout: float) -> None:
        self._secure = Secure(self.address.host)
        try:
            self._secure.shake_hands(self._sock, timeout)
        except TimeoutError:
            raise ssl.SSLError(f"no TLS answer within {timeout:g} s: does the server speak http?") from None

    def write(self, data: bytes, timeout: float) -> None:
        """All of it. Raises `Overdue` when the other side reads nothing for `timeout` seconds."""
        overdue = Overdue(Outcome.READ_TIMEOUT, f"the server did not take the request for {timeout:g} s")
        left = memoryview(self._secure.sealed(data) if self._secure else data)
        while left:
            try:
                left = left[self._sock.send(left) :]
            except BlockingIOError:
                gevent.socket.wait_write(self._sock.fileno(), timeout, overdue)

    def close(self) -> None:
        if not self.dead:
            self.dead = True
            self._turn.leave(self._sock.fileno())
            self._sock.close()

    def _plainly(self, size: int, _room: int) -> tuple[bytes, Notes, int, Any]:
        return self._sock.recv(size), (), 0, None

    def take(self, data: bytes | OSError, at: int, lag: int | None) -> None:
        """What was read in this turn. Runs in the hub: must neither raise nor wait."""
        try:
            if self.dead:
                return
            if isinstance(data, OSError):
                self._end(data)
                return
            plain = self._secure.opened(data) if self._secure and data else data
            if plain and self.receiver:
                self.receiver(plain, at, lag)
            elif plain or not data:
                self._end(None)  # the end, or words that nobody asked for
        except OSError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - the hub would print it and the request would wait for ever
            self._end(OSError(f"{type(error).__name__}: {error}"))

    def _end(self, error: OSError | None) -> None:
        ended, self.ended = self.ended, None
        self.close()
        if ended:
            ended(error)
