"""A server that fails is left alone for a while, then tried with one request."""

import threading
import time
from collections.abc import Callable

FIRST_PAUSE = 1.0  # seconds; doubled with each failure in a row
LONGEST_PAUSE = 60.0


class Circuit:
    """Closed: all may pass. Open: nobody. Half-open, after the pause: one may try."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0
        self._trying = False
        self.reason = ""

    @property
    def is_closed(self) -> bool:
        return self._failures == 0

    @property
    def is_ready(self) -> bool:
        """Whether asking makes sense; looking does not use up the one try."""
        return self._failures == 0 or (not self._trying and self._clock() >= self._open_until)

    def may_pass(self) -> bool:
        """Whether to ask now. After the pause the answer is yes once, until the outcome is known."""
        if self._failures == 0:
            return True
        with self._lock:
            if self._trying or self._clock() < self._open_until:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._trying, self.reason = 0, False, ""

    def failed(self, reason: str) -> None:
        """Raises the pause: 1, 2, 4 … 60 seconds."""
        with self._lock:
            pause = min(FIRST_PAUSE * 2 ** min(self._failures, 10), LONGEST_PAUSE)
            self._failures += 1
            self._trying = False
            self._open_until = self._clock() + pause
            self.reason = reason

    def gave_no_verdict(self) -> None:
        """The trial ended without telling whether the server is well: the next one may try."""
        with self._lock:
            self._trying = False
