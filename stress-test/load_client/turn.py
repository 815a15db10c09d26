"""Reads all connections that have something, then hands out what was read: in each turn of gevent's loop.

After a system call a processor has forgotten what it was good at. So reading, which is a call for each event, comes
first, in one small loop, and understanding follows in another: together that is half the cost. No time is lost by it,
the kernel has noted when each byte came.
"""

import os
import struct
from collections.abc import Callable, Sequence
from time import monotonic_ns, time_ns
from typing import Any, Protocol

from gevent import get_hub, monkey

LARGEST_READ = 8192  # Python makes room for all of it, for each event
MOST_READS = 32  # of one connection in one turn, so that a fast server does not starve the others
MOST_READY = 1024  # connections in one turn
ROOM_FOR_STAMP = 64
TICK = 0.002  # seconds
LATELY = 2_000_000  # ns, as long as a tick
MANY = 4  # connections that have something within that time
READABLE = 1  # for epoll and for gevent's watchers
STAMP = struct.Struct("@ll")  # SCM_TIMESTAMPNS: seconds and ns of the wall clock
SAME_MOMENT = 5_000  # ns between two looks at one clock with a look at the other between them
WORST_LAG = 60_000_000_000  # ns; beyond that somebody set the clock

type Notes = Sequence[tuple[int, int, bytes]]
"""What the kernel tells of a read; nothing where it does not."""
type Receive = Callable[[int, int], tuple[bytes, Notes, int, Any]]
"""`recvmsg`, or what stands for it."""


class Taker(Protocol):
    def take(self, data: bytes | OSError, at: int, lag: int | None) -> None:
        """Bytes, when they came (ns of CLOCK_MONOTONIC), how late that is (ns; `None` without kernel times)."""


type Reads = list[tuple[Taker, bytes | OSError, Notes]]


class Turn:
    """One for each loop. gevent watches one thing, an epoll of all sockets: cheaper than a watcher for each.

    While many connections have something at nearly the same time, it does not wake for each: it looks every two
    milliseconds. A few are read at once, so that no two events of a fast stream are read together because of it.
    """

    def __init__(self, loop: Any, epoll: Callable[[], Any]) -> None:
        self._ready = epoll()
        self._watched: dict[int, tuple[Taker, Receive]] = {}
        self._lately: set[int] = set()
        self._since = 0
        self._ticks = loop.timer(TICK, TICK)
        self._watcher = loop.io(self._ready.fileno(), READABLE)
        self._watcher.start(self._on_readable)

    def abandon(self) -> None:
        """In a new process: what it inherits is one and the same epoll as its parent's."""
        self._watcher.stop()
        self._ticks.stop()
        self._ready.close()
        self._watched.clear()

    def watch(self, descriptor: int, taker: Taker, receive: Receive) -> None:
        self._watched[descriptor] = taker, receive
        self._ready.register(descriptor, READABLE)

    def leave(self, descriptor: int) -> None:
        """Before it is closed: the number may soon be another's."""
        if self._watched.pop(descriptor, None):
            self._ready.unregister(descriptor)

    def _on_readable(self) -> None:
        now = monotonic_ns()
        if now - self._since > LATELY:
            self._since = now
            self._lately.clear()
        self._lately.update(self._read())
        if len(self._lately) >= MANY:
            self._watcher.stop()
            self._ticks.start(self._on_tick)

    def _on_tick(self) -> None:
        if len(self._read()) < MANY:
            self._ticks.stop()
            self._lately.clear()
            self._watcher.start(self._on_readable)

    def _read(self) -> list[int]:
        """Which connections had something. Runs in the hub: must neither raise nor wait."""
        reads: Reads = []
        ready = [descriptor for descriptor, _ in self._ready.poll(0, MOST_READY)]
        for descriptor in ready:
            taker, receive = self._watched[descriptor]
            try:
                data, notes, _, _ = receive(LARGEST_READ, ROOM_FOR_STAMP)
                reads.append((taker, data, notes))
                if len(data) == LARGEST_READ:
                    read_on(taker, receive, reads)
            except OSError as error:
                reads.append((taker, error, ()))
        hand_out(reads)
        return ready


class TurnOfWatchers:
    """The same where there is no epoll."""

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self._watched: dict[int, Any] = {}

    def watch(self, descriptor: int, taker: Taker, receive: Receive) -> None:
        watcher = self._watched[descriptor] = self._loop.io(descriptor, READABLE)
        watcher.start(self._read, taker, receive)

    def abandon(self) -> None:
        for descriptor in list(self._watched):
            self.leave(descriptor)

    def leave(self, descriptor: int) -> None:
        if watcher := self._watched.pop(descriptor, None):
            watcher.stop()
            watcher.close()

    def _read(self, taker: Taker, receive: Receive) -> None:
        reads: Reads = []
        read_on(taker, receive, reads)
        hand_out(reads)


def read_on(taker: Taker, receive: Receive, reads: Reads) -> None:
    """What else is there of one connection."""
    try:
        for _ in range(MOST_READS):
            data, notes, _, _ = receive(LARGEST_READ, ROOM_FOR_STAMP)
            reads.append((taker, data, notes))
            if len(data) < LARGEST_READ:
                return
    except BlockingIOError:
        return
    except OSError as error:
        reads.append((taker, error, ()))


def hand_out(reads: Reads) -> None:
    now, wall = both_clocks()
    # The kernel stamps with the wall clock; the difference is taken anew in each turn, so no drift adds up.
    for taker, data, notes in reads:
        lag = None
        if notes:
            seconds, rest = STAMP.unpack_from(notes[0][2])
            lag = wall - seconds * 1_000_000_000 - rest
            if not 0 <= lag < WORST_LAG:
                lag = None
        taker.take(data, now - (lag or 0), lag)


TURNS: dict[Any, Turn | TurnOfWatchers] = {}


def this_turn() -> Turn | TurnOfWatchers:
    """That of this thread's loop, in this process."""
    loop = get_hub().loop
    if loop not in TURNS:
        TURNS[loop] = _made(loop)
    return TURNS[loop]


def _made(loop: Any) -> Turn | TurnOfWatchers:
    try:
        epoll = monkey.get_original("select", "epoll")  # patching takes it away
    except AttributeError:
        return TurnOfWatchers(loop)
    return Turn(loop, epoll)


def _in_a_new_process() -> None:
    for turn in TURNS.values():
        turn.abandon()
    TURNS.clear()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_in_a_new_process)


def both_clocks() -> tuple[int, int]:
    """CLOCK_MONOTONIC and the wall clock of the same moment; a process that was put to sleep between looks again."""
    for _ in range(3):
        before, wall, now = monotonic_ns(), time_ns(), monotonic_ns()
        if now - before < SAME_MOMENT:
            break
    return now, wall
