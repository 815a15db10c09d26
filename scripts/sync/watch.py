"""Again and again: quiet while nothing changes; what went wrong is tried again, more and more rarely."""

import signal
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from scripts.dify.errors import DifyError
from scripts.sync.servers import Found

WHOLE_LOOK = 60.0  # seconds, after which Dify and everything known of the models is looked at anew
SLOWEST = 60.0


class Watched(Protocol):
    """What is kept in agreement."""

    def look(self) -> Sequence[Found]: ...
    def forget(self) -> None: ...
    def state(self, found: Sequence[Found]) -> Hashable: ...
    def settle(self, found: Sequence[Found]) -> bool: ...
    def failed(self, error: DifyError) -> None: ...


class Watch:
    """`settle` is called when the servers' state has changed, or after a while."""

    def __init__(self, watched: Watched, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._watched = watched
        self._every = every
        self._clock = clock
        self._seen: Hashable = None
        self._until = 0.0
        self._failures = 0

    def run(self) -> None:
        """Ends with Ctrl-C, a polite kill, or a sign-in that Dify refuses."""
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        while True:
            time.sleep(self.step())

    def step(self) -> float:
        """One look; how many seconds to wait for the next."""
        if self._clock() >= self._until and not self._failures:
            self._watched.forget()
        found = self._watched.look()
        state = self._watched.state(found)
        if state != self._seen or self._clock() >= self._until:
            self._failures = 0 if self._is_settled(found) else self._failures + 1
            self._seen, self._until = state, self._clock() + self._pause()
        return self._every

    def _pause(self) -> float:
        """Before Dify is asked again although the servers are as they were."""
        return min(self._every * 2**self._failures, SLOWEST) if self._failures else WHOLE_LOOK

    def _is_settled(self, found: Sequence[Found]) -> bool:
        try:
            return self._watched.settle(found)
        except DifyError as error:
            if not error.may_pass:
                raise
            self._watched.failed(error)
            return False
