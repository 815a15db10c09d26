"""What all measurements share: the paced server, our plugin, the do-nothing plugin, and a time limit."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from scripts.bench.answers import Answer, Question, Wire, to_echo, to_server
from scripts.bench.errors import NotMeasured
from scripts.plugin_host import PluginHost
from tests.servers.paced_process import PacedServer, paced_server

ROOT = Path(__file__).parents[2]
ECHO_PLUGIN = ROOT / "tests" / "plugin_host" / "echo_plugin"
ONLY_LOOPBACK = {"LOCAL_MODELS_LOOK_AROUND": "no"}
ONE_ANSWER = 30.0  # seconds, the longest that any answer may take
RESERVE = 5.0  # seconds kept for the end of the last round
WIRES: tuple[Wire, ...] = ("ollama", "openai")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    seconds: float  # the whole run; rounds that would go beyond it are left out
    cpu_rounds: int
    cpu_chunks: int
    first_token_rounds: int
    starts: int
    load_rounds: int
    arrival_seconds: float  # over which the streams of a load begin
    stream_seconds: float
    client_rounds: int


FULL = Plan(190, 7, 20_000, 600, 7, 3, arrival_seconds=2.5, stream_seconds=3, client_rounds=5)
QUICK = Plan(47, 3, 8_000, 50, 2, 1, arrival_seconds=1, stream_seconds=1, client_rounds=1)

type OnRound = Callable[[int, int], None]


def _silent(_done: int, _most: int) -> None: ...


class Lab:
    def __init__(self, plan: Plan, server: PacedServer, ours: PluginHost, echo: PluginHost) -> None:
        self.plan, self.server, self.ours, self.echo = plan, server, ours, echo
        self.on_round: OnRound = _silent
        self._end = time.monotonic() + plan.seconds

    @property
    def left(self) -> float:
        """Seconds of the time limit."""
        return self._end - time.monotonic()

    def rounds(self, most: int) -> Iterator[int]:
        """One at least, then as many as there is time for."""
        begin = time.monotonic()
        for done in range(most):
            if done and (time.monotonic() - begin) / done > self.left - RESERVE:
                break
            yield done
            self.on_round(done + 1, most)

    def question(self, wire: Wire, chunks: int, pause: float = 0) -> Question:
        return to_server(self.server.url, wire, chunks, pause)

    def ask(self, host: PluginHost, question: Question) -> Answer:
        return Answer(host, question).wait(self.patience)

    @property
    def patience(self) -> float:
        """Raises `NotMeasured` when the time is over."""
        if self.left <= 0:
            raise NotMeasured(f"there was no time left after {self.plan.seconds:g} s")
        return min(self.left, ONE_ANSWER)


class Plugin(PluginHost):
    first_heartbeat = 20.0  # seconds: the whole run has a limit


def start(root: Path) -> Plugin:
    return Plugin(root, env=ONLY_LOOPBACK)


@contextmanager
def laboratory(plan: Plan) -> Generator[Lab]:
    """Everything runs and has answered once; nothing is left behind."""
    with paced_server() as server, start(ROOT) as ours, start(ECHO_PLUGIN) as echo:
        lab = Lab(plan, server, ours, echo)
        try:
            server.stats(reset=True)
        except (OSError, HTTPException) as error:
            raise NotMeasured(f"the paced server did not start ({error})") from error
        lab.ask(echo, to_echo(100))
        for wire in WIRES:
            lab.ask(ours, lab.question(wire, 100))
        yield lab
