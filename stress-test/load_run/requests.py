"""One logical request, from the prompt to Locust's table; and its stop on the server when it was cut off."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from time import monotonic_ns

from gevent import GreenletExit
from gevent.pool import Group
from locust.env import Environment

from load_client import Client, fetch
from load_metrics.exchange import Exchange, Outcome
from load_run.assignment import Assignment
from load_run.book import Book
from load_scenarios import asking
from load_scenarios.mix import in_turn
from load_scenarios.salt import salted
from load_scenarios.session import Session, Waiting

STOP_SECONDS = 5.0
MILLION = 1_000_000
WORDS = 20  # different texts of failures in Locust's table; one a request would be a leak


class RequestFailed(Exception):
    """For Locust's table of failures: class and words."""


class Requests:
    """All requests of one process."""

    def __init__(self, assignment: Assignment, environment: Environment, book: Book) -> None:
        self._assignment, self._environment, self._book = assignment, environment, book
        self._targets = in_turn(assignment.targets, assignment.index)
        self._waiting = Waiting()
        self._numbers: Iterator[int] = count(assignment.index, assignment.of)
        self._users = count()
        self._words: set[str] = set()
        self.client = Client()
        self.stops = Group()
        """Servers that are being told to stop."""

    def one(self, scheduled: int = 0, number: int | None = None) -> Exchange:
        """Ask and wait. `number` says which prompt; without, the next one of this process."""
        number = next(self._numbers) if number is None else number
        session = self._waiting.take() or self._session(number)
        said = session.text()
        exchange = self._ask(session, self._salted(session, said, number), scheduled)
        session.learn(said, exchange)
        self._waiting.give(session)
        self._account(exchange)
        return exchange

    def close(self) -> None:
        self.client.close()

    def _session(self, number: int) -> Session:
        prompts = self._assignment.prompts
        user = f"load-{self._assignment.run}-{self._assignment.index}-{next(self._users)}"
        return Session(next(self._targets), user, prompts[number % len(prompts)])

    def _salted(self, session: Session, said: str, number: int) -> str:
        longest = session.target.longest
        if not self._assignment.salt or session.turn:
            return said[:longest] if longest else said
        return salted(said, self._assignment.run, number, longest)

    def _ask(self, session: Session, text: str, scheduled: int) -> Exchange:
        how = {"scheduled": scheduled, "reuse": self._assignment.reuse}
        request = asking.ask(session, text, self._assignment.timeouts, **how)
        try:
            return self.client.ask(request)
        except GreenletExit:
            # The client put it there just now, and no other greenlet ran in between.
            self._cut(self.client.cut.pop(), session)
            raise

    def _cut(self, exchange: Exchange, session: Session) -> None:
        exchange.outcome, exchange.closed = Outcome.INCOMPLETE, exchange.closed or monotonic_ns()
        if self._book.counts(exchange):
            self._book.add(exchange)
        url = asking.stop(session.target, exchange.task_id)
        if url:
            self.stops.spawn(_stop, url, asking.headers(session.target), session.user)

    def _account(self, exchange: Exchange) -> None:
        if not self._book.counts(exchange):
            return
        self._book.add(exchange)
        end = exchange.ended if exchange.ok else exchange.closed
        self._environment.events.request.fire(
            request_type=self._assignment.targets[0].kind,
            name=exchange.name,
            response_time=max(end - (exchange.sent or end), 0) / MILLION,
            response_length=exchange.received,
            exception=None if exchange.ok else RequestFailed(self._told(exchange)),
            context={},
        )

    def _told(self, exchange: Exchange) -> str:
        text = f"{exchange.outcome}: {exchange.message}"
        if text in self._words or len(self._words) < WORDS:
            self._words.add(text)
            return text
        return f"{exchange.outcome}: (other messages)"


def _stop(url: str, headers: dict[str, str], user: str) -> None:
    """Dify goes on computing for a client that has gone, unless it is told."""
    with suppress(OSError):
        fetch("POST", url, headers, {"user": user}, STOP_SECONDS)
