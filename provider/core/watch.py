"""One watch over all open streams: who has been silent for too long is cut off.

A time-out on each read would do the same, but in the plugin's process it starts and stops a timer
for every piece of every answer: a third of what a slow stream costs.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from weakref import WeakSet

GLANCE = 0.1  # seconds between two looks; by so much an end may come late


class Watched(Protocol):
    """`due` is the moment (monotonic seconds) at which it is cut off, unless it was moved before."""

    due: float

    def cut(self) -> None:
        """Wake whoever reads; called at most once."""


class Watch:
    """Sleeps while nothing is watched."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, glance: float = GLANCE) -> None:
        self._clock = clock
        self._glance = glance
        self._lock = threading.Lock()
        self._streams: WeakSet[Watched] = WeakSet()  # one that is forgotten without being closed must not stay
        self._looking = False

    def add(self, stream: Watched) -> None:
        with self._lock:
            self._streams.add(stream)
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, name="stream watch", daemon=True).start()

    def remove(self, stream: Watched) -> None:
        with self._lock:
            self._streams.discard(stream)

    def _look(self) -> None:
        while self._any_left():
            time.sleep(self._glance)
            for stream in self._overdue():
                self.remove(stream)
                with suppress(OSError, ValueError):
                    stream.cut()

    def _any_left(self) -> bool:
        with self._lock:
            self._looking = bool(self._streams)
            return self._looking

    def _overdue(self) -> list[Watched]:
        now = self._clock()
        with self._lock:
            return [stream for stream in self._streams if stream.due <= now]


WATCH = Watch()
