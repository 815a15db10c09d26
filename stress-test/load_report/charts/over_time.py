"""Latency, throughput, errors and requests in flight, second by second."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from matplotlib.axes import Axes

from load_report.charts.frame import framed, from_zero, in_time
from load_report.charts.svg import BAD, FIRST, GOOD, SECOND, Chart
from load_report.words import ms, number

MOST = 120  # points; more cannot be seen at this width
LATENCIES = (("ttft_ms", "Time to first token"), ("e2e_ms", "Whole answer"))

type Second = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Points:
    """The seconds, joined to at most `MOST` pieces of `width` seconds."""

    pieces: list[Sequence[Second]]
    width: int

    @property
    def at(self) -> list[float]:
        return [piece[0]["second"] + len(piece) / 2 for piece in self.pieces]

    @property
    def edges(self) -> list[float]:
        last = self.pieces[-1]
        return [*(piece[0]["second"] for piece in self.pieces), last[0]["second"] + len(last)]

    def mean(self, name: str) -> list[float]:
        return [fmean(second[name] for second in piece) for piece in self.pieces]

    def of(self, name: str, stat: str) -> list[float | None]:
        """The mean of medians, the highest of p95s; `None` where nothing came."""
        join = fmean if stat == "p50" else max
        found = [[second[name][stat] for second in piece if second[name][stat] is not None] for piece in self.pieces]
        return [join(values) if values else None for values in found]


def points(series: Sequence[Second]) -> Points:
    width = -(-len(series) // MOST) or 1
    return Points([series[at : at + width] for at in range(0, len(series), width)], width)


def over_time(document: Mapping[str, Any]) -> Iterator[Chart]:
    """Nothing for a sweep: its seconds are those of all steps, laid over each other."""
    series = document.get("series") or ()
    if not series or document.get("steps"):
        return
    its = points(series)
    each = f"; each point is {its.width} s" if its.width > 1 else ""
    for name, title in LATENCIES:
        if any(its.of(name, "p95")):
            yield _latency(its, name, title, each)
    yield _requests(its, each)
    # After the window nothing new is asked: that is no rate of this load.
    inside = points(series[: round((document.get("conditions") or {}).get("window_s") or 0) or None])
    yield _tokens(inside, each)
    yield _in_flight(inside, each)


def _latency(its: Points, name: str, title: str, each: str) -> Chart:
    usual, slow = its.of(name, "p50"), its.of(name, "p95")

    def draw(axes: Axes) -> None:
        _line(axes, its.at, usual, FIRST, "p50")
        _line(axes, its.at, slow, SECOND, "p95")
        in_time(axes, slow)

    worst = max(value for value in slow if value is not None)
    return framed(name, f"{title} over time", f"the p95 is at most {ms(worst)}{each}", "seconds", draw)


def _line(axes: Axes, at: Sequence[float], values: Sequence[float | None], colour: str, label: str) -> None:
    """Over seconds in which nothing came, to the next point."""
    known = [(second, value) for second, value in zip(at, values, strict=True) if value is not None]
    marker = "." if len(known) < MOST / 2 else ""
    axes.plot(*zip(*known, strict=True), color=colour, label=label, marker=marker, linewidth=1.4)


def _tokens(its: Points, each: str) -> Chart:
    values = its.mean("tokens_per_s")

    def draw(axes: Axes) -> None:
        axes.fill_between(its.at, values, color=FIRST, alpha=0.18, linewidth=0)
        axes.plot(its.at, values, color=FIRST)
        from_zero(axes, values)

    return framed("tokens", "Tokens a second over time", f"{number(fmean(values))} on average{each}", "seconds", draw)


def _requests(its: Points, each: str) -> Chart:
    good, bad = its.mean("ok"), its.mean("failed")

    both = [one + other for one, other in zip(good, bad, strict=True)]

    def draw(axes: Axes) -> None:
        axes.stairs(good, its.edges, fill=True, color=GOOD, label="answered")
        axes.stairs(both, its.edges, fill=True, baseline=good, color=BAD, label="failed")
        from_zero(axes, both)

    failed = sum(second["failed"] for piece in its.pieces for second in piece)
    text = f"{number(failed)} failed{each}"
    return framed("requests", "Requests and errors a second over time", text, "seconds", draw)


def _in_flight(its: Points, each: str) -> Chart:
    values = its.mean("in_flight")

    def draw(axes: Axes) -> None:
        axes.step(its.at, values, where="mid", color=FIRST)
        from_zero(axes, values)

    return framed("in_flight", "Requests in flight over time", f"{number(max(values))} at most{each}", "seconds", draw)
