"""Leads a run, in the process where Locust's master or only runner is: begin, warm up, stages, end."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import gevent
from gevent.event import Event
from locust.env import Environment

from load_run import calibrating
from load_run.assignment import Assignment, all_of
from load_run.gathering import Gathering
from load_run.loads import MODEL, Stage
from load_run.result import Result
from load_run.settings import DEFAULT_WARM_UP, Settings
from load_run.workers import Workers
from load_scenarios.looking import Found, look

LONG = 2.0  # seconds that starting all users may take without any of them asking
SPAWNING = 600.0  # seconds that Locust may take to start all users
MOST_PER_SECOND = 100  # users that Locust starts; more is known to make trouble


class Conductor:
    """One run. `lead` returns when it is over; `cut_short` ends it early, from any greenlet."""

    def __init__(
        self, environment: Environment, settings: Settings, spawned: Event, say: Callable[[str], None]
    ) -> None:
        """`spawned` is set by Locust's event, when all users are there."""
        self._environment, self._settings, self._spawned, self._say = environment, settings, spawned, say
        self._stopped = Event()
        self._workers: Workers | None = None
        self._open: tuple[Stage, tuple[str, ...]] | None = None
        self.result: Result | None = None

    def lead(self) -> Result:
        """Raises `CannotAsk` or `BadLength` when there is nobody to ask, before any load."""
        found, behind = look(self._settings.wanted), self._behind()
        self._workers = workers = Workers(self._environment, self._stopped)
        self.result = Result(self._settings, found, Gathering(self._settings.limits), processes=len(workers.names))
        self._say(f"asking {', '.join(target.name for target in found.targets)} at {found.targets[0].url}")
        self._begin(found)
        self._stages()
        if behind and not self._stopped.is_set():
            self._say(f"the same load on {behind.targets[0].name} at {behind.targets[0].url}")
            self._begin(behind)
            self._stage(replace(self._settings.load.stages[0], labels=(MODEL,)))
        self.result.lost_workers = workers.lost
        return self.result

    def heard(self, worker: str, answer: Mapping[str, Any]) -> None:
        """A worker did what it was told, or says good-bye; its news come along."""
        self.news(worker, answer)
        if self._workers:
            self._workers.heard(worker, answer)

    def news(self, worker: str, news: Mapping[str, Any]) -> None:
        """Only of those who were there at the start: whoever came later measured nothing of this run."""
        if self.result and self._workers and worker in self._workers.names:
            self.result.gathering.add(worker, news)

    def cut_short(self) -> None:
        """Somebody stops the run: no further stage, and open requests are cut off."""
        self._stopped.set()

    def _behind(self) -> Found | None:
        """The model server behind Dify, for the same prompts in the same order, under the same load."""
        return look(self._settings.behind) if self._settings.behind else None

    def _begin(self, found: Found) -> None:
        workers, settings = self._there(), self._settings
        run = secrets.token_hex(3)
        prompts = settings.prompts
        if settings.length:
            prompts = calibrating.prompts_of(settings.length, found.targets[0], run, settings.timeouts)
        assignment = Assignment(
            run,
            found.targets,
            prompts,
            salt=settings.salt,
            reuse=settings.reuse,
            wait=settings.wait,
            timeouts=settings.timeouts,
            limits=settings.limits,
            max_in_flight=settings.max_in_flight,
        )
        each = {name: {"assignment": its.to_wire()} for name, its in all_of(assignment, workers.names).items()}
        workers.tell_each("begin", each)
        self._warm_up(settings.load.stages[0])

    def _warm_up(self, first: Stage) -> None:
        """At most as many at once as the first stage has users."""
        cap = first.users or DEFAULT_WARM_UP
        number = self._settings.warm_up if self._settings.warm_up is not None else min(cap, DEFAULT_WARM_UP)
        if number and not self._stopped.is_set():
            self._say(f"warming up with {number} requests")
            patience = self._settings.timeouts.total * number
            self._there().tell_unless_stopped("warm_up", patience, count=number, at_once=min(cap, number))
        if self.result:
            self.result.warm_up = number

    def _stages(self) -> None:
        result, load = self._result(), self._settings.load
        stage = load.stages[0]
        while stage and not self._stopped.is_set():
            self._stage(stage)
            stage = load.following(result.steps or [{}])

    def _stage(self, stage: Stage) -> None:
        workers, result = self._there(), self._result()
        self._bring(stage)
        arrivals = stage.arrivals.to_wire() if stage.arrivals else None
        self._say(f"measuring at {stage.load:g} {stage.unit}{f' for {stage.seconds:g} s' if stage.seconds else ''}")
        workers.tell("measure", labels=list(stage.labels), seconds=stage.seconds, arrivals=arrivals)
        result.stage_begins(stage)
        if stage.to_users:
            gevent.spawn(self._users, stage.to_users, (stage.to_users - stage.users) / stage.seconds)
        self._stopped.wait(stage.seconds or None)
        drain = 0.0 if self._stopped.is_set() else stage.drain
        workers.tell("drain", drain + 30.0, seconds=drain)
        result.stage_over(stage, result.gathering.window_s)
        result.late_workers = max(result.late_workers, workers.late)

    def _bring(self, stage: Stage) -> None:
        """As many users as the stage begins with. If Locust takes long to start them, those that are there ask, uncounted."""
        if stage.users and self._settings.load.sweeps:
            self._users(stage.users, min(stage.users, MOST_PER_SECOND))
        elif not self._spawned.is_set() and stage.users > LONG * self._per_second():
            self._there().tell("open")
        gevent.wait([self._spawned, self._stopped], SPAWNING, 1)

    def _users(self, number: int, per_second: float) -> None:
        runner = self._environment.runner
        if runner and runner.target_user_count != number:
            self._spawned.clear()
            runner.start(number, max(abs(per_second), 0.01))

    def _per_second(self) -> float:
        """Users that Locust starts in a second."""
        options = self._environment.parsed_options
        return float(options.spawn_rate or 1) if options else 1.0

    def _there(self) -> Workers:
        assert self._workers, "lead() makes them first"
        return self._workers

    def _result(self) -> Result:
        assert self.result, "lead() makes it first"
        return self.result
