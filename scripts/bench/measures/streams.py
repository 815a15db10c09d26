"""The first token of each of many streams that run at the same time, against a client without a plugin."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from scripts.bench.answers import Answer, Question, to_echo
from scripts.bench.figures import Pairs, percentile
from scripts.bench.lab import Lab
from scripts.bench.raw import raw_first_tokens
from scripts.bench.rows import Row, What, row
from scripts.plugin_host import PluginHost

COUNTS = (100, 400)
PAUSE = 0.05  # seconds: each stream has 20 tokens a second
BURST_CHUNKS = 10
MOST_ADDED = 150  # ms
MILLISECONDS, MICROSECONDS = 1e3, 1e6
ALONE = 5  # single streams in each round
HIGH = 95  # percent


@dataclass(frozen=True, slots=True)
class Load:
    """So many streams, each of `chunks`; they begin evenly over `arrival_seconds`, or all at once."""

    count: int
    chunks: int
    arrival_seconds: float

    def what(self) -> What:
        if self.arrival_seconds:
            title = f"p95 first token, {self.count} streams"
            return What(f"streams_{self.count}", title, "ms", "difference", MOST_ADDED)
        # No target: the do-nothing plugin alone needs most of it for 400 requests in the same moment.
        return What(f"burst_{self.count}", f"p95 first token, {self.count} at once", "ms", "difference")

    def offsets(self) -> list[float]:
        return [at * self.arrival_seconds / self.count for at in range(self.count)]


@dataclass(frozen=True, slots=True)
class _Seen:
    """In each round: the 95th percentile of every side, and more of ours."""

    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    echo: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    cpu_per_chunk: list[float] = field(default_factory=list)

    def details(self) -> dict[str, float]:
        told = {"median": median(self.medians), "cpu_us_per_chunk": median(self.cpu_per_chunk)}
        return told | ({"do_nothing": median(self.echo)} if self.echo else {})


def streams(lab: Lab) -> Iterator[Row]:
    """They come one by one, as people do; at the end all run together."""
    chunks = round(lab.plan.stream_seconds / PAUSE)
    loads = [Load(count, chunks, lab.plan.arrival_seconds) for count in COUNTS]
    return _measured(lab, loads)


def burst(lab: Lab) -> Iterator[Row]:
    """All in the same moment: the harder case, and a rare one."""
    loads = [Load(count, BURST_CHUNKS, 0) for count in COUNTS]
    return _measured(lab, loads)


def _measured(lab: Lab, loads: Sequence[Load]) -> Iterator[Row]:
    alone: list[float] = []
    seen = [_Seen() for _ in loads]
    for _ in lab.rounds(lab.plan.load_rounds):
        alone += [lab.ask(lab.ours, lab.question("ollama", 1)).first_seconds * MILLISECONDS for _ in range(ALONE)]
        for load, each in zip(loads, seen, strict=True):
            _round(lab, load, each)
    for load, each in zip(loads, seen, strict=True):
        yield row(load.what(), Pairs(each.ours, each.raw), {"one_stream": median(alone), **each.details()})


def _round(lab: Lab, load: Load, seen: _Seen) -> None:
    question, offsets = lab.question("ollama", load.chunks, PAUSE), load.offsets()
    seen.raw.append(_high(raw_first_tokens(lab.server.url, question.model, offsets, lab.patience)))
    before = lab.ours.cpu_seconds()
    answers = _ask_all(lab, lab.ours, question, offsets)
    spent = lab.ours.cpu_seconds() - before
    firsts = [answer.first_seconds for answer in answers]
    seen.ours.append(_high(firsts))
    seen.medians.append(median(firsts) * MILLISECONDS)
    seen.cpu_per_chunk.append(spent / sum(answer.chunks for answer in answers) * MICROSECONDS)
    if not load.arrival_seconds:  # with arrivals it would take too long, and the SDK's own share is small
        seen.echo.append(_echo(lab, load))


def _echo(lab: Lab, load: Load) -> float:
    """It pauses before its first chunk too, the server does not."""
    answers = _ask_all(lab, lab.echo, to_echo(load.chunks, PAUSE), load.offsets())
    return _high([answer.first_seconds - PAUSE for answer in answers])


def _ask_all(lab: Lab, host: PluginHost, question: Question, offsets: Sequence[float]) -> list[Answer]:
    begin, answers = time.perf_counter(), []
    for offset in offsets:
        time.sleep(max(begin + offset - time.perf_counter(), 0))
        answers.append(Answer(host, question, due=begin + offset))
    return [answer.wait(lab.patience) for answer in answers]


def _high(seconds: Sequence[float]) -> float:
    return percentile(seconds, HIGH) * MILLISECONDS
