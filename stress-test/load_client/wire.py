"""One connection: opened and written by a greenlet, read in gevent's hub with the kernel's receive times.

A load generator that waits for its turn to read measures itself. So a persistent watcher reads as soon as the loop comes
to it, and the time of a byte is when the kernel got it (SO_TIMESTAMPNS, Linux; elsewhere the time of reading).
"""

import _socket
import socket
import ssl
import struct
import sys
from collections.abc import Callable
from time import monotonic_ns, time_ns

import gevent.socket
from gevent import get_hub

from load_client.ask import Address
from load_client.secure import Secure

SO_TIMESTAMPNS = 35  # Linux, asm-generic/socket.h; its answers carry two longs: seconds, ns
STAMP = struct.Struct("@ll")
HAS_KERNEL_TIMES = sys.platform == "linux"
LARGEST_READ = 16384  # Python makes room for all of it, each time: twice as much costs as much as reading an event
MOST_READS = 16  # in one go, so that one fast server does not starve the others
ROOM_FOR_STAMP = 64
SAME_MOMENT = 5_000  # ns between two looks at one clock with a look at the other between them
WORST_LAG = 60_000_000_000  # ns; beyond that somebody set the clock

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
        self._watcher = get_hub().loop.io(sock.fileno(), 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if HAS_KERNEL_TIMES:
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    @classmethod
    def open(cls, address: Address, timeout: float) -> "Connection":
        """Connects, and shakes hands if it is https. Raises `OSError`; a `TimeoutError` after `timeout` seconds."""
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
        connection._watcher.start(connection._readable)
        return connection

    def _shake_hands(self, timeout: float) -> None:
        self._secure = Secure(self.address.host)
        try:
            self._secure.shake_hands(self._sock, timeout)
        except TimeoutError:
            raise ssl.SSLError(f"no TLS answer within {timeout:g} s: does the server speak http?") from None

    def write(self, data: bytes) -> None:
        """All of it; waits while the other side does not read."""
        left = memoryview(self._secure.sealed(data) if self._secure else data)
        while left:
            try:
                left = left[self._sock.send(left) :]
            except BlockingIOError:
                gevent.socket.wait_write(self._sock.fileno())

    def close(self) -> None:
        if not self.dead:
            self.dead = True
            self._watcher.stop()
            self._watcher.close()
            self._sock.close()

    def _readable(self) -> None:
        """Runs in the hub: must neither raise nor wait."""
        try:
            for _ in range(MOST_READS):
                if self._read() < LARGEST_READ or self.dead:
                    return
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - the hub would print it and the request would wait for ever
            self._end(OSError(f"{type(error).__name__}: {error}"))

    def _read(self) -> int:
        """One read; how many bytes it gave. This runs for each event, so what is usual is written out here."""
        if not HAS_KERNEL_TIMES:
            data, notes = self._sock.recv(LARGEST_READ), None
        else:
            data, notes, _, _ = self._sock.recvmsg(LARGEST_READ, ROOM_FOR_STAMP)
        before, wall, at = monotonic_ns(), time_ns(), monotonic_ns()
        lag = None
        if notes:
            if at - before > SAME_MOMENT:
                at, wall = both_clocks()
            # The kernel stamps with the wall clock; the difference is taken anew for each read, so no drift adds up.
            seconds, rest = STAMP.unpack_from(notes[0][2])
            late = wall - seconds * 1_000_000_000 - rest
            if 0 <= late < WORST_LAG:
                at, lag = at - late, late
        if data and self.receiver and not self._secure:
            self.receiver(data, at, lag)
        else:
            self._give(data, at, lag)
        return len(data)

    def _give(self, data: bytes, at: int, lag: int | None) -> None:
        plain = self._secure.opened(data) if self._secure and data else data
        if plain and self.receiver:
            self.receiver(plain, at, lag)
        elif plain or not data:
            self._end(None)  # the end, or words that nobody asked for

    def _end(self, error: OSError | None) -> None:
        ended, self.ended = self.ended, None
        self.close()
        if ended:
            ended(error)


def both_clocks() -> tuple[int, int]:
    """CLOCK_MONOTONIC and the wall clock of the same moment; a process that was put to sleep between looks again."""
    for _ in range(3):
        before, wall, now = monotonic_ns(), time_ns(), monotonic_ns()
        if now - before < SAME_MOMENT:
            break
    return now, wall
