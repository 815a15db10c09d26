"""From the start of the process to its first heartbeat, and the memory it takes, against the do-nothing plugin."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scripts.bench.answers import Answer, Question, to_echo
from scripts.bench.figures import Pairs
from scripts.bench.lab import ECHO_PLUGIN, ROOT, Lab
from scripts.bench.lab import start as started
from scripts.bench.rows import Row, What, row

STREAMS = 400
START = What("start", "Start to first heartbeat", "s", "ratio")
MEMORY = What("memory", "Memory after start", "MiB", "difference", 8)
MEMORY_LATER = What("memory_streams", f"Memory after {STREAMS} streams", "MiB", "difference")
MIB = 1 << 20
SETTLE = 0.2  # seconds: the heartbeat comes from a thread, while others still start


@dataclass(frozen=True, slots=True)
class _Side:
    root: Path
    question: Question
    seconds: list[float] = field(default_factory=list)
    at_start: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)


def start(lab: Lab) -> Iterator[Row]:
    ours = _Side(ROOT, lab.question("ollama", 5, 0.1))
    echo = _Side(ECHO_PLUGIN, to_echo(5, 0.1))
    for turn in lab.rounds(lab.plan.starts):
        for side in (ours, echo) if turn % 2 else (echo, ours):
            _start(lab, side, with_streams=turn == 0)
    yield row(START, Pairs(ours.seconds, echo.seconds))
    yield row(MEMORY, Pairs(ours.at_start, echo.at_start))
    yield row(MEMORY_LATER, Pairs(ours.later, echo.later))


def _start(lab: Lab, side: _Side, *, with_streams: bool) -> None:
    with started(side.root) as host:
        side.seconds.append(host.start_seconds)
        time.sleep(SETTLE)
        side.at_start.append(host.rss_bytes() / MIB)
        if with_streams:
            for answer in [Answer(host, side.question) for _ in range(STREAMS)]:
                answer.wait(lab.patience)
            side.later.append(host.rss_bytes() / MIB)
