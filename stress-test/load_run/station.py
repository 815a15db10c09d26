"""The load generator of one process: does what the conductor says, and sends what it measured."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from random import uniform
from time import monotonic_ns
from typing import Any

import gevent
from gevent import GreenletExit, get_hub
from gevent.event import Event
from gevent.lock import RLock
from locust.env import Environment

from load_run.assignment import Assignment, share
from load_run.book import Book
from load_run.dispatch import Dispatcher
from load_run.requests import Requests
from load_run.vitals import SAMPLE, Vitals
from load_scenarios.arrivals import Arrivals

APART = 0.001  # seconds between the first requests of two users
AFTER_FAILURE = 0.2  # seconds
CUT_SECONDS = 5.0  # for users to notice that they were cut off, and for the server to hear of it

type Send = Callable[[dict[str, Any]], None]


class CutOff(GreenletExit):
    """Ends a user's request, but not the user."""


class NotBegun(RuntimeError):
    """A command came before `begin`; the conductor never does that."""


class Station:
    """Users wait at its gate; the conductor opens and closes it. Every command is answered when it is done."""

    def __init__(self, environment: Environment, answer: Send) -> None:
        self._environment, self._answer = environment, answer
        self._gate = Event()
        self._draining = RLock()
        self._asking: set[gevent.Greenlet] = set()
        self._work: list[gevent.Greenlet] = []
        self._dispatcher: Dispatcher | None = None
        self._assignment: Assignment | None = None
        self._requests: Requests | None = None
        self._queue = count()
        self._vitals, self._book, self._window_s = Vitals(), Book({}), 0.0

    def do(self, command: Mapping[str, Any]) -> None:
        """Returns at once; what lasts is done beside."""
        gevent.spawn(self._do, command)

    def news(self) -> dict[str, Any]:
        """What was measured since the last time."""
        return {"tallies": self._book.take(), "vitals": self._vitals.told(), "window_s": self._window_s}

    def user_asks(self) -> None:
        """One turn of a user in the closed loop: wait at the gate, then ask."""
        self._pass_the_gate()
        me = gevent.getcurrent()
        self._asking.add(me)
        try:
            exchange = self.requests.one()
        except CutOff:
            return
        finally:
            self._asking.discard(me)
        # A server that refuses at once is not to be asked a thousand times a second.
        gevent.sleep(0.0 if exchange.ok else AFTER_FAILURE)

    def pause(self) -> float:
        """Seconds between an answer and the next request."""
        return uniform(*self.assignment.wait) if self._gate.is_set() else 0.0

    def _pass_the_gate(self) -> None:
        """One after the other: if hundreds began in the same instant, the load generator would be late at once."""
        if not self._gate.is_set():
            self._gate.wait()
            gevent.sleep(next(self._queue) * APART)

    def end(self) -> None:
        """For a run that somebody stops: nothing more is sent, and open requests are cut off."""
        self._drain({"seconds": 0.0})

    @property
    def assignment(self) -> Assignment:
        if self._assignment is None:
            raise NotBegun
        return self._assignment

    @property
    def requests(self) -> Requests:
        if self._requests is None:
            raise NotBegun
        return self._requests

    def _do(self, command: Mapping[str, Any]) -> None:
        actions: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "begin": self._begin,
            "warm_up": self._warm_up,
            "open": lambda _command: self._open(),
            "measure": self._measure,
            "drain": self._drain,
        }
        actions[command["do"]](command)
        self._answer({"done": command["number"], **self.news()})

    def _begin(self, command: Mapping[str, Any]) -> None:
        self._assignment = Assignment.from_wire(command["assignment"])
        self._vitals, self._book, self._dispatcher = Vitals(), Book(self._assignment.limits), None
        self._requests = Requests(self._assignment, self._environment, self._book)

    def _warm_up(self, command: Mapping[str, Any]) -> None:
        """Never more at once than the load itself will be."""
        number, at_once = (
            share(command[name], self.assignment.index, self.assignment.of) for name in ("count", "at_once")
        )
        left = iter(range(number))

        def some() -> None:
            for _ in left:
                self.requests.one()

        gevent.joinall([gevent.spawn(some) for _ in range(at_once)])

    def _measure(self, command: Mapping[str, Any]) -> None:
        now = monotonic_ns()
        self._vitals.start()
        self._window_s = 0.0
        self._book.open(command["labels"], now, command["seconds"])
        self._work = [gevent.spawn(self._sample)]
        if command["arrivals"]:
            self._dispatch(Arrivals.from_wire(command["arrivals"]), now)
        else:
            self._open()

    def _open(self) -> None:
        if not self._gate.is_set():
            self._queue = count()
            self._gate.set()

    def _dispatch(self, arrivals: Arrivals, start: int) -> None:
        index, of = self.assignment.index, self.assignment.of
        most = share(self.assignment.max_in_flight, index, of)
        self._dispatcher = Dispatcher(self.requests.one, self._vitals, most)
        self._work.append(gevent.spawn(self._dispatcher.run, arrivals.share(index, of), start))

    def _sample(self) -> None:
        while True:
            gevent.sleep(SAMPLE)
            self._vitals.sample()

    def _drain(self, command: Mapping[str, Any]) -> None:
        """Nothing new; open requests have so many seconds, then they are cut off and stopped on the server."""
        with self._draining:
            self._gate.clear()
            gevent.killall(self._work)
            self._window_s = self._book.close(monotonic_ns())
            self._vitals.stop()
            if not self._is_quiet(command["seconds"]):
                self._cut_off()
                self._is_quiet(CUT_SECONDS)
            if self._requests:
                self._requests.stops.join(CUT_SECONDS)

    def _is_quiet(self, seconds: float) -> bool:
        """Waits so long for the last request to end."""
        flying = self._dispatcher.flying if self._dispatcher else ()
        with gevent.Timeout(seconds, False):
            while self._asking or flying:
                gevent.sleep(0.005)
        return not (self._asking or flying)

    def _cut_off(self) -> None:
        if self._dispatcher:
            self._dispatcher.flying.kill(block=False)
        for user in self._asking:
            get_hub().loop.run_callback(partial(self._throw, user))

    def _throw(self, user: gevent.Greenlet) -> None:
        """Only a user who is still asking: the exception belongs into the request."""
        if user in self._asking:
            user.throw(CutOff)
