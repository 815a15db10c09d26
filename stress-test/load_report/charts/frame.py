"""Axes as all charts have them."""

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from load_report.charts.svg import GRID, INK, STYLE, WEAK, Chart, chart

SIZE = (5.6, 3.0)  # inches of 72 units: text keeps its size on a telephone

type Draw = Callable[[Axes], None]


def framed(key: str, title: str, text: str, axis: str, draw: Draw, spoken: str = "") -> Chart:
    """A chart with a grid, `axis` below it, and whatever `draw` puts in."""
    with rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.set_axisbelow(True)
        draw(axes)
        _dress(axes, axis)
        return chart(key, title, text, figure, spoken)


def _dress(axes: Axes, axis: str) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.tick_params(which="both", colors=WEAK, length=0)
    axes.set_xlabel(axis, color=WEAK)
    handles, labels = axes.get_legend_handles_labels()
    if len(handles) > 1:
        axes.legend(
            handles, labels, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=5, frameon=False, labelcolor=INK,
            handlelength=1.0, columnspacing=0.9, handletextpad=0.4, borderaxespad=0.1,
        )  # fmt: skip


def from_zero(axes: Axes, values: Sequence[float | None]) -> None:
    """The axis begins at zero; flat zeros are not drawn as mountains."""
    top = max((value for value in values if value is not None), default=0.0)
    axes.set_ylim(0, top * 1.08 if top else 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(5))


def in_time(axes: Axes, values: Sequence[float | None]) -> None:
    """The axis in ms or s, whichever reads better."""
    from_zero(axes, values)
    top = axes.get_ylim()[1]
    told: Callable[[float, Any], str] = (
        (lambda ms, _: f"{ms / 1000:g} s") if top >= 1000 else (lambda ms, _: f"{ms:g} ms")
    )
    axes.yaxis.set_major_formatter(FuncFormatter(told))


def numbers(values: Sequence[float | None]) -> list[float]:
    """Gaps in a line are NaN."""
    return [float("nan") if value is None else float(value) for value in values]
