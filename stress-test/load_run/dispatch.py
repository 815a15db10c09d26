"""Open loop: each request is sent at its time, whether or not earlier ones were answered."""

from collections.abc import Callable, Iterable
from time import monotonic_ns

import gevent
from gevent.pool import Group

from load_metrics.timing import NS
from load_run.vitals import LATE, Vitals

type Send = Callable[[int, int], object]
"""When it was due, in ns of the clock, and its number."""


class Dispatcher:
    """One for each stage and process. What is due while `most` are in flight is dropped and counted, never queued."""

    def __init__(self, send: Send, vitals: Vitals, most: int) -> None:
        self.flying = Group()
        self._send, self._vitals, self._most = send, vitals, max(1, most)

    def run(self, timetable: Iterable[tuple[int, float]], start: int) -> None:
        for number, at in timetable:
            due = start + round(at * NS)
            wait = (due - monotonic_ns()) / NS
            gevent.sleep(max(wait, 0))
            if wait < -LATE:
                self._vitals.late += 1
            if len(self.flying) >= self._most:
                self._vitals.dropped += 1
            else:
                self.flying.spawn(self._send, due, number)
