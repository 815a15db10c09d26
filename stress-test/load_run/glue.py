"""Locust's events, tied to the station of this process and, where the master is, to the conductor."""

import logging
import sys
from typing import Any

import gevent
from gevent.event import Event
from locust import User, task
from locust.env import Environment
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from load_metrics import verdict
from load_report import web_tab
from load_run import ending, options, settings
from load_run.conductor import MOST_PER_SECOND, Conductor
from load_run.loads import BadLoad
from load_run.settings import Settings
from load_run.station import Station
from load_run.workers import DO, DONE, HERE
from load_scenarios.looking import CannotAsk

USAGE = 2
ENDING = 90.0  # seconds that draining and writing may take when somebody stops the run
log = logging.getLogger("load")


def _pause(user: User) -> float:
    return here(user.environment).pause()


class LoadUser(User):
    """A user in the closed loop; in an open loop it only waits."""

    wait_time = _pause  # ty: ignore[incompatible-method-override]

    @task
    def ask(self) -> None:
        here(self.environment).user_asks()


def here(environment: Environment) -> Station:
    """The station of this process."""
    return environment.load_station  # ty: ignore[missing-attribute]


def tie(events: Any) -> None:
    """To be called once by the locustfile."""
    events.init_command_line_parser.add_listener(options.add_to)
    events.init.add_listener(_init)


def _init(environment: Environment, runner: Any, **_: Any) -> None:
    if not isinstance(runner, MasterRunner):
        _make_station(environment, runner)
    if not isinstance(runner, WorkerRunner):
        Leading(environment).begin()


def _make_station(environment: Environment, runner: Any) -> None:
    station = Station(environment, lambda answer: runner.send_message(DONE, answer))
    environment.load_station = station  # ty: ignore[missing-attribute]
    runner.register_message(DO, lambda environment, msg: station.do(msg.data))
    if isinstance(runner, WorkerRunner):
        _as_worker(environment, runner, station)


def _as_worker(environment: Environment, runner: WorkerRunner, station: Station) -> None:
    """What was measured goes along with Locust's own reports; the last of it with a good-bye."""

    def say_good_bye(**_: Any) -> None:
        station.end()
        runner.send_message(DONE, {"done": 0, **station.news()})

    environment.events.report_to_master.add_listener(lambda data, **_: data.update(load=station.news()))
    environment.events.test_stopping.add_listener(lambda **_: station.end())
    environment.events.quitting.add_listener(say_good_bye)


class Leading:
    """In the process that leads: begins a run with each test of Locust, ends it, and sets the exit code."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._options: Any = environment.parsed_options
        self._conductor: Conductor | None = None
        self._greenlet: gevent.Greenlet | None = None
        self._spawned = Event()
        self._words = ""

    def begin(self) -> None:
        events, runner = self._environment.events, self._runner()
        runner.register_message(DONE, lambda environment, msg: self._heard(msg.node_id, msg.data))
        events.worker_report.add_listener(self._report)
        events.test_start.add_listener(lambda **_: self._start())
        events.spawning_complete.add_listener(lambda **_: self._spawned.set())
        events.test_stopping.add_listener(lambda **_: self._stop())
        events.quitting.add_listener(lambda **_: self._stop())
        events.quit.add_listener(lambda **_: self._tell())
        web_tab.install(self._environment, self.document)
        if self._by_itself:
            self._prepare()

    def document(self) -> dict[str, Any] | None:
        """Of the run that is going on, or the last one; for whoever shows it live."""
        if not self._conductor or not self._conductor.result:
            return None
        if isinstance(self._environment.runner, LocalRunner):
            self._conductor.news(HERE, here(self._environment).news())
        return self._conductor.result.document()

    @property
    def _by_itself(self) -> bool:
        return bool(self._options.headless or self._options.autostart)

    def _prepare(self) -> None:
        """Users and time are ours to count: the time begins after the warm-up."""
        try:
            if self._options.run_time == 0:
                raise BadLoad("--run-time 0 measures nothing; leave it out for a run that you end with Ctrl-C")
            first = self._read().load.stages[0]
        except ValueError as error:
            print(f"error: {error}", file=sys.stderr)
            sys.exit(USAGE)
        self._seconds, self._options.run_time = self._options.run_time or 0.0, None
        workers = self._options.expect_workers if self._options.master else 1
        self._options.num_users = first.users or max(workers, 1)
        self._options.spawn_rate = self._options.spawn_rate or min(self._options.num_users, MOST_PER_SECOND)

    def _read(self) -> Settings:
        users, seconds = self._options.num_users or 1, self._options.run_time or getattr(self, "_seconds", 0.0)
        return settings.read(self._options, self._environment.host or "", users, seconds)

    def _start(self) -> None:
        self._spawned.clear()
        self._greenlet = gevent.spawn(self._lead)

    def _stop(self) -> None:
        """Somebody else ends the run, perhaps with Ctrl-C: what was measured is not lost."""
        if self._conductor and self._greenlet and not self._greenlet.dead:
            self._conductor.cut_short()
            self._greenlet.join(ENDING)

    def _lead(self) -> None:
        try:
            self._conduct()
        except (ValueError, CannotAsk) as error:
            self._fail(str(error), USAGE if isinstance(error, ValueError) else verdict.ERRORS)
        except Exception:
            log.exception("the run broke off by a mistake of this program")
            self._fail("the run broke off by a mistake of this program", verdict.ERRORS)
        gevent.spawn(self._leave)

    def _conduct(self) -> None:
        its = self._read()
        self._conductor = Conductor(self._environment, its, self._spawned, log.info)
        result = self._conductor.lead()
        document = result.document()
        folder = ending.folder_for(its.results, result.started)
        self._words = ending.write(document, folder)
        log.info("report in %s", folder)
        self._environment.process_exit_code = document["verdict"]["exit_code"]

    def _fail(self, text: str, code: int) -> None:
        self._words = f"error: {text}"
        self._environment.process_exit_code = code
        log.error(text)

    def _leave(self) -> None:
        """As Locust does at the end of its run time."""
        runner = self._runner()
        if self._options.headless:
            runner.quit()
            return
        runner.stop()
        self._tell()
        if self._options.autostart and self._options.autoquit != -1:
            gevent.sleep(self._options.autoquit)
            runner.quit()
            if self._environment.web_ui:
                self._environment.web_ui.stop()

    def _tell(self) -> None:
        """Last of all, after Locust's own tables; once for each run."""
        print(self._words, flush=True)
        self._words = ""

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        if "load" in data and self._conductor:
            self._conductor.news(client_id, data["load"])

    def _heard(self, worker: str, answer: dict[str, Any]) -> None:
        if self._conductor:
            self._conductor.heard(HERE if isinstance(self._environment.runner, LocalRunner) else worker, answer)

    def _runner(self) -> Any:
        return self._environment.runner
