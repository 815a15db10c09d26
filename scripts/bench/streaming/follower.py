"""One client in a process of its own, so that its CPU is its own."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from scripts.bench.errors import NotMeasured
from scripts.bench.figures import percentile
from scripts.bench.streaming.pacer import ROOT, STOP_SECONDS

MICROSECONDS, MILLISECONDS = 1e6, 1e-6


@dataclass(frozen=True, slots=True)
class Load:
    """So many streams at once, which begin evenly over `spread` seconds."""

    streams: int
    events: int
    per_second: float
    spread: float = 0.5

    @property
    def offered(self) -> float:
        """Events a second, of all streams."""
        return self.streams * self.per_second


class Followed:
    """What a client made of one round."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._streams: list[dict[str, Any]] = told["streams"]
        self.events: int = sum(stream["events"] for stream in self._streams)
        self._wall: float = told["wall"]
        self.cpu_us: float = told["cpu"] / self.events * MICROSECONDS
        self.cpu_percent: float = told["cpu"] / self._wall * 100

    def first_late_ms(self, percent: float) -> float:
        return percentile([stream["first_late"] for stream in self._streams], percent) * MILLISECONDS

    def late_ms(self, percent: float) -> float:
        """Of every event with text. Only our client says so."""
        return percentile([late for stream in self._streams for late in stream["late"]], percent) * MILLISECONDS

    def lag_ms(self, percent: float) -> float:
        """From the kernel's receive time to ours, of every read."""
        return percentile([lag for stream in self._streams for lag in stream["lags"]], percent) * MILLISECONDS

    def per_second(self, load: Load) -> float:
        """Events a second, as they were read: less than offered when the client does not keep up."""
        return self.events / (self._wall - load.spread * (load.streams - 1) / load.streams)

    @property
    def coalesced_share(self) -> float:
        """Reads that held more than one event."""
        return sum(s["coalesced"] for s in self._streams) / max(sum(len(s["lags"]) for s in self._streams), 1)

    def check(self, load: Load) -> None:
        """Raises `NotMeasured` when something is missing: half a stream is cheap to follow."""
        failures = sorted({stream["failure"] for stream in self._streams if stream["failure"]})
        if failures or self.events != load.streams * load.events:
            raise NotMeasured(f"{self.events} of {load.streams * load.events} events were followed {failures[:1]}")


class Follower:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def follow(self, url: str, load: Load) -> Followed:
        """Raises `NotMeasured`."""
        if not (self._process.stdin and self._process.stdout):
            raise NotMeasured("the client has no pipes")
        order = {"url": url, "streams": load.streams, "spread": load.spread}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise NotMeasured("a client of the streams ended too early")
        followed = Followed(json.loads(line))
        followed.check(load)
        return followed


@contextmanager
def follower(kind: str) -> Generator[Follower]:
    """`ours`, `requests` or `httpx`."""
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.bench.streaming.following", kind],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "stress-test")},
        stdin=subprocess.PIPE,  # it ends when we end, and with it the client
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Follower(process)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
