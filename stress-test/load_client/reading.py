"""One answer on its way: what the hub reads goes into it, and a greenlet waits for its end."""

from time import monotonic_ns

from gevent.event import Event

from load_client.answer import Answer
from load_client.ask import Timeouts
from load_client.failures import Overdue
from load_client.wire import Connection
from load_metrics.exchange import Outcome

NS = 1_000_000_000
AFTER_END = 2.0  # seconds that a server which said its end, and keeps its connection open, may still add something


class Reading:
    """Takes over a connection until the answer is whole, broken or overdue."""

    def __init__(self, connection: Connection, answer: Answer) -> None:
        self.error: OSError | None = None
        self._answer = answer
        self._over = Event()
        answer.last = monotonic_ns()
        answer.on_done = self._over.set
        connection.receiver = answer.feed
        connection.ended = self._end

    def wait(self, timeouts: Timeouts, start: int) -> None:
        """Until it is over, or said its end. Raises `Overdue` after too long a silence, or too long in all since `start` (ns)."""
        total = start + round(timeouts.total * NS)
        while not self._over.is_set():
            ended = self._answer.exchange.ended
            silent = self._answer.last + round(min(timeouts.silence, AFTER_END if ended else timeouts.silence) * NS)
            now = monotonic_ns()
            if ended and now >= min(silent, total):
                return
            if now >= total:
                raise Overdue(Outcome.TOTAL_TIMEOUT, f"not finished after {timeouts.total:g} s")
            if now >= silent:
                raise Overdue(Outcome.READ_TIMEOUT, f"no byte for {timeouts.silence:g} s")
            self._over.wait(min((min(silent, total) - now) / NS, AFTER_END))

    def _end(self, error: OSError | None) -> None:
        self.error = error
        self._over.set()
