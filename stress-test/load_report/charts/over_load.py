"""Latency, throughput and errors by the steps of a sweep, with the knee, the thresholds and what is carried."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from load_report.charts.frame import framed, from_zero, in_time, numbers
from load_report.charts.svg import BAD, FIRST, GOOD, INK, SECOND, WEAK, Chart
from load_report.measured import stat
from load_report.words import NOTHING, ms, number, share

LATENCIES = (("ttft", "Time to first token"), ("e2e", "Whole answer"))


@dataclass(frozen=True, slots=True)
class Steps:
    document: Mapping[str, Any]

    @property
    def all(self) -> list[Mapping[str, Any]]:
        return sorted(self.document["steps"], key=lambda step: step["load"])

    @property
    def loads(self) -> list[float]:
        return [step["load"] for step in self.all]

    @property
    def unit(self) -> str:
        return {"req/s": "requests a second"}.get(self.all[0]["unit"], self.all[0]["unit"])

    def of(self, read: Callable[[Mapping[str, Any]], float | None]) -> list[float | None]:
        return [read(step["figures"]) for step in self.all]

    def limits(self, metric: str) -> list[Mapping[str, Any]]:
        return [each for each in self.document.get("slo") or () if each["metric"] == metric]

    def mark(self, axes: Axes) -> None:
        """Where the knee is, and what is carried."""
        found = self.document.get("sweep") or {}
        for load, words, colour in ((found.get("knee"), "knee", WEAK), (found.get("carries"), "carries", GOOD)):
            if load is not None:
                axes.axvline(load, color=colour, linestyle=(0, (2, 2)), linewidth=1.4, label=f"{words} {load:g}")


def over_load(document: Mapping[str, Any]) -> Iterator[Chart]:
    if not document.get("steps"):
        return
    steps = Steps(document)
    for metric, title in LATENCIES:
        if any(steps.of(lambda figures, name=metric: stat(figures, name, "p95"))):
            yield _latency(steps, metric, title)
    yield _throughput(steps)
    yield _errors(steps)


def _latency(steps: Steps, metric: str, title: str) -> Chart:
    usual, slow = (steps.of(lambda figures, which=which: stat(figures, metric, which)) for which in ("p50", "p95"))
    limits = steps.limits(metric)

    def draw(axes: Axes) -> None:
        _line(axes, steps.loads, usual, FIRST, "p50")
        _line(axes, steps.loads, slow, SECOND, "p95")
        for each in limits:
            axes.axhline(each["limit"], color=BAD, linewidth=1.2, label=f"limit {each['stat']}")
        steps.mark(axes)
        in_time(axes, [*slow, *(each["limit"] for each in limits)])

    text = _told([(load, ms(value)) for load, value in zip(steps.loads, slow, strict=True)], steps.unit)
    return framed(f"load_{metric}", f"{title} over load", f"p95 {text}", steps.unit, draw)


def _throughput(steps: Steps) -> Chart:
    tokens = steps.of(lambda figures: figures["output_tokens_per_s"])
    name, values = (
        ("Tokens", tokens) if any(tokens) else ("Requests", steps.of(lambda figures: figures["requests_per_s"]))
    )

    def draw(axes: Axes) -> None:
        _line(axes, steps.loads, values, FIRST, f"{name.lower()}/s")
        steps.mark(axes)
        from_zero(axes, values)

    text = _told([(load, number(value)) for load, value in zip(steps.loads, values, strict=True)], steps.unit)
    return framed("load_throughput", f"{name} a second over load", text, steps.unit, draw)


def _errors(steps: Steps) -> Chart:
    values = [100 * value if value else 0.0 for value in steps.of(lambda figures: figures["error_rate"])]

    def draw(axes: Axes) -> None:
        axes.bar(range(len(values)), values, color=BAD, width=0.6)
        axes.set_xticks(range(len(values)), [f"{load:g}" for load in steps.loads])
        for at, value in enumerate(values):
            axes.annotate(share(value / 100), (at, value), (0, 3), textcoords="offset points", ha="center", color=INK)
        axes.set_ylim(0, max([*values, 1.0]) * 1.2)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")

    text = f"at most {share(max(values) / 100)} of the requests of a step"
    return framed("load_errors", "Failed requests over load", text, steps.unit, draw)


def _line(axes: Axes, loads: Sequence[float], values: Sequence[float | None], colour: str, label: str) -> None:
    axes.plot(loads, numbers(values), color=colour, marker="o", markersize=4, label=label)


def _told(pairs: Sequence[tuple[float, str]], unit: str) -> str:
    """The lightest and the heaviest step of which something is known."""
    known = [pair for pair in pairs if pair[1] != NOTHING] or list(pairs)
    (first, low), (last, high) = known[0], known[-1]
    return f"{low} at {first:g}, {high} at {last:g} {unit}"
