"""The processes that make load, as the conductor sees them: commands go out, answers come back."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.runners import LocalRunner, MasterRunner

DO, DONE = "load_do", "load_done"  # types of Locust's messages
HERE = "local"


class Workers:
    """Those that were there at the start. With Locust in one process there is one, and it is here."""

    def __init__(self, environment: Environment, stopped: Event) -> None:
        self._environment = environment
        self._stopped = stopped
        self._numbers = count(1)
        self._answered: dict[int, set[str]] = {}
        self._heard = Event()
        self._gone: set[str] = set()
        self.names: Sequence[str] = [HERE] if self._is_local else [each.id for each in self._present()]

    @property
    def _is_local(self) -> bool:
        return isinstance(self._environment.runner, LocalRunner)

    @property
    def lost(self) -> int:
        return sum(not self._is_there(name) for name in self.names)

    @property
    def late(self) -> int:
        """Who came after the start: Locust gives them users, which nobody told what to do."""
        return sum(each.id not in self.names for each in self._present())

    def tell(self, command: str, patience: float = 60.0, **facts: Any) -> bool:
        """Say it to all and wait for their answers; whether all answered in time."""
        return self.tell_each(command, dict.fromkeys(self.names, facts), patience)

    def tell_unless_stopped(self, command: str, patience: float, **facts: Any) -> None:
        """The same, but the run may be stopped meanwhile."""
        telling = gevent.spawn(self.tell, command, patience, **facts)
        while not telling.ready() and not self._stopped.wait(0.05):
            pass
        telling.kill()

    def tell_each(self, command: str, facts: Mapping[str, Mapping[str, Any]], patience: float = 60.0) -> bool:
        number = next(self._numbers)
        self._answered[number] = set()
        for name, its in facts.items():
            if self._is_there(name):
                self._send({"do": command, "number": number, **its}, name)
        with gevent.Timeout(patience, False):
            while not self._all_answered(number):
                self._heard.wait(0.5)
                self._heard.clear()
        return self._all_answered(number)

    def heard(self, name: str, answer: Mapping[str, Any]) -> None:
        """An answer came; without a number the worker says good-bye."""
        if answer["done"]:
            self._answered.setdefault(answer["done"], set()).add(name)
        else:
            self._gone.add(name)
        self._heard.set()

    def _send(self, message: dict[str, Any], name: str) -> None:
        runner = self._environment.runner
        if runner:
            runner.send_message(DO, message, None if self._is_local else name)

    def _all_answered(self, number: int) -> bool:
        return all(name in self._answered[number] or not self._is_there(name) for name in self.names)

    def _is_there(self, name: str) -> bool:
        return name not in self._gone and (self._is_local or name in [each.id for each in self._present()])

    def _present(self) -> list[Any]:
        runner = self._environment.runner
        if not isinstance(runner, MasterRunner):
            return []
        return [*runner.clients.ready, *runner.clients.spawning, *runner.clients.running]
