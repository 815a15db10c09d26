"""What a person sees of pulls: a bar for each layer, a line for each end."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import TransferSpeedColumn as SpeedColumn

from scripts.kit.output import Output, escape
from scripts.pull.layers import Layer, Layers
from scripts.pull.running import End

SMALL = 1_000_000  # bytes; files of a model that need no bar: license, template, parameters


class Screen:
    """Bars while they move; what has ended becomes a line above them."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            _Amount(),
            _Speed(),
            _Left(),
            console=output.console,
            disable=output.console.quiet or not output.console.is_terminal,
        )
        self._bars: dict[tuple[str, str], TaskID] = {}

    def moved(self, name: str, layers: Layers, layer: Layer | None) -> None:
        """One bar for what is done between the layers, gone while a layer moves."""
        if layer and layer.total < SMALL:
            return
        self._remove(name, "")
        if layer:
            self._move(name, layer)
        else:
            self._bars[name, ""] = self.progress.add_task(escape(f"{name}: {layers.status}"), total=None)

    def _move(self, name: str, layer: Layer) -> None:
        key = (name, layer.digest)
        if key not in self._bars:
            title = escape(f"{name} {layer.title}")
            self._bars[key] = self.progress.add_task(title, total=layer.total, completed=layer.completed)
        self.progress.update(self._bars[key], total=layer.total, completed=layer.completed)

    def ended(self, end: End) -> None:
        for name, digest in list(self._bars):
            if name == end.name:
                self._remove(name, digest)
        if end.state == "pulled":
            self._output.good(f"{end.name}: pulled, {_amounts(end)}")
        elif end.state == "already_there":
            self._output.good(f"{end.name}: already there, nothing newer to download")
        elif end.state != "cancelled":
            self._output.bad(*_what_failed(end))

    def _remove(self, name: str, digest: str) -> None:
        if (bar := self._bars.pop((name, digest), None)) is not None:
            self.progress.remove_task(bar)


def interruption(ends: Iterator[End]) -> str:
    """Where the pulls stood that Ctrl-C ended."""
    where = [f"{end.name} {_share(end)}" for end in ends if end.state == "cancelled"]
    return f"interrupted: {', '.join(where)}" if where else "interrupted"


def _amounts(end: End) -> str:
    rate = f" in {end.seconds:,.0f} s ({decimal(int(end.downloaded / end.seconds))}/s)" if end.seconds >= 1 else ""
    if end.there < SMALL:
        return f"{decimal(end.total)}{rate}"
    return f"{decimal(end.downloaded)} of {decimal(end.total)}{rate}, {decimal(end.there)} were there already"


def _what_failed(end: End) -> tuple[str, str]:
    if end.state == "not_found":
        return f"{end.name}: not found. {end.error}", ""
    kept = "The version that is there was not touched. " if end.had_it else ""
    again = "Pulling again goes on from there." if end.completed else ""
    return f"{end.name}: failed{f' {_share(end)}' if end.completed else ''}. {end.error}", f"{kept}{again}".strip()


def _share(end: End) -> str:
    return f"at {decimal(end.completed)} of {decimal(end.total)}" if end.total else "before its first byte"


class _Amount(DownloadColumn):
    def render(self, task: Task) -> RenderableType:  # ty: ignore[incompatible-method-override] - also nothing at all
        return super().render(task) if task.total else ""


class _Speed(SpeedColumn):
    def render(self, task: Task) -> RenderableType:  # ty: ignore[incompatible-method-override]
        return super().render(task) if task.total and not task.finished else ""


class _Left(TimeRemainingColumn):
    def render(self, task: Task) -> RenderableType:  # ty: ignore[incompatible-method-override]
        return super().render(task) if task.total and not task.finished else ""
