"""When to ask again before the first token: a refused connection, a loading model, a full queue."""

import time
from collections.abc import Callable, Iterator

from provider.core.errors import Busy, ConnectTimedOut, Loading, ServerError
from provider.core.server import Timeouts

REFUSED = (0.25, 0.75)  # seconds; a server that restarts is back soon, a dead one should be told at once
BUSY = (1.0, 2.0, 4.0)
LONGEST_WISH = 10.0  # seconds that a server may ask for; who is told to wait longer should know
LOADING = (0.5, 1.0, 2.0, 3.0, 5.0)  # the last is repeated until the first-token time-out


class Retries:
    """Pauses grow; each kind of failure has a budget of its own."""

    def __init__(
        self,
        timeouts: Timeouts,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._give_up = clock() + timeouts.first_token
        self._pauses = {Loading: self._loading(), Busy: iter(BUSY)}
        self._other = iter(REFUSED)

    def pause_or_raise(self, error: ServerError) -> None:
        """Wait before the next try. Raises `error` when there is none."""
        pause = None if isinstance(error, ConnectTimedOut) else next(self._pauses.get(type(error), self._other), None)
        if pause is not None and isinstance(error, Busy):
            pause = max(pause, error.retry_after)
        if pause is None or pause > LONGEST_WISH or self._clock() + pause > self._give_up:
            raise error
        self._sleep(pause)

    def _loading(self) -> Iterator[float]:
        yield from LOADING
        while True:
            yield LOADING[-1]
