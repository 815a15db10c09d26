"""How the latencies are distributed: from the fastest to the slowest, on one scale of powers of ten."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from load_report.charts.frame import framed
from load_report.charts.svg import FIRST, GRID, INK, SECOND, Chart
from load_report.definitions import LATENCIES
from load_report.words import ms

SHOWN = ("ttfe", "ttft", "ttfv", "icl", "tpot", "e2e")
LEAST = 0.01  # ms; a logarithm has no zero


def spread(document: Mapping[str, Any]) -> Iterator[Chart]:
    its = (document.get("totals") or {}).get("latency") or {}
    rows = [
        (each.label, its[each.key]) for each in LATENCIES if each.key in SHOWN and (its.get(each.key) or {}).get("n")
    ]
    if not rows:
        return
    spoken = "; ".join(f"{label} p50 {ms(stats['p50'])}, p95 {ms(stats['p95'])}" for label, stats in rows)
    text = "from the fastest to the slowest; thick from p50 to p95"
    yield framed("spread", "Distribution of latencies", text, "", lambda axes: _draw(axes, rows), spoken)


def _draw(axes: Axes, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    axes.set_xscale("log")
    for at, (_, stats) in enumerate(reversed(rows)):
        low, p50, p95, high = (max(stats[name], LEAST) for name in ("min", "p50", "p95", "max"))
        axes.plot([low, high], [at, at], color=FIRST, linewidth=1.5, alpha=0.6, solid_capstyle="round")
        axes.plot([p50, p95], [at, at], color=FIRST, linewidth=8, solid_capstyle="butt")
        axes.plot([p50, p50], [at - 0.28, at + 0.28], color=INK, linewidth=2)
        axes.plot([p95, p95], [at - 0.28, at + 0.28], color=SECOND, linewidth=2)
    axes.set_yticks(range(len(rows)), [label for label, _ in reversed(rows)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: ms(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", color=GRID, linewidth=0.8)
