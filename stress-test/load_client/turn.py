"""What is read in one turn of gevent's loop is handed out together, after the last read.

After a system call a processor has forgotten what it was good at. So reading, which is a call for each event, comes
first, and understanding follows in one go: that halves its cost. No time is lost in it, the kernel has noted when each
byte came.
"""

import struct
from collections.abc import Sequence
from functools import cache
from time import monotonic_ns, time_ns
from typing import Any, Protocol

STAMP = struct.Struct("@ll")  # SCM_TIMESTAMPNS: seconds and ns of the wall clock
SAME_MOMENT = 5_000  # ns between two looks at one clock with a look at the other between them
WORST_LAG = 60_000_000_000  # ns; beyond that somebody set the clock

type Notes = Sequence[tuple[int, int, bytes]]
"""What the kernel tells of a read; nothing where it does not."""


class Taker(Protocol):
    def take(self, data: bytes | OSError, at: int, lag: int | None) -> None:
        """Bytes, when they came (ns of CLOCK_MONOTONIC), how late that is (ns; `None` without kernel times)."""


class Turn:
    """One for each loop."""

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self._reads: list[tuple[Taker, bytes | OSError, Notes]] = []

    def add(self, taker: Taker, data: bytes | OSError, notes: Notes = ()) -> None:
        if not self._reads:
            self._loop.run_callback(self._hand_out)
        self._reads.append((taker, data, notes))

    def _hand_out(self) -> None:
        reads, self._reads = self._reads, []
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


@cache
def turn_of(loop: Any) -> Turn:
    return Turn(loop)


def both_clocks() -> tuple[int, int]:
    """CLOCK_MONOTONIC and the wall clock of the same moment; a process that was put to sleep between looks again."""
    for _ in range(3):
        before, wall, now = monotonic_ns(), time_ns(), monotonic_ns()
        if now - before < SAME_MOMENT:
            break
    return now, wall
