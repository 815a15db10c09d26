"""What a person sees of the benchmark: progress on stderr, the table on stdout."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from scripts.bench.lab import OnRound
from scripts.bench.results import Results, shown_path
from scripts.bench.rows import Row
from scripts.kit.output import Output

MET = {True: "[green]yes[/]", False: "[red]no[/]", None: "[dim]–[/]"}
COLUMNS = ("value", "against", "result", "at most", "met")


@contextmanager
def measuring(output: Output, name: str) -> Generator[OnRound]:
    """A bar for a person at a terminal, gone when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    nobody_looks = output.console.quiet or not output.errors.is_terminal
    with Progress(*columns, console=output.errors, transient=True, disable=nobody_looks) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, most: progress.update(task, completed=done, total=most)


def show(output: Output, results: Results, path: Path) -> None:
    table = Table("", box=None, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for row in results.rows:
        table.add_row(*_cells(row), MET[row.met])
    output.console.print(table)
    for row in results.rows:
        if told := "; ".join(_details(row)):
            output.console.print(f"[dim]{row.what.name}: {told}[/dim]", soft_wrap=True)
    output.say(f"\nBusy cores: {results.busy_before} before, {results.busy_after} after, of {os.cpu_count()}.")
    output.say(f"Results: {shown_path(path)}")


def _cells(row: Row) -> tuple[str, ...]:
    what = row.what
    against = "" if what.comparison == "value" else f"{_number(row.reference)} {what.unit}"
    target = "" if what.target is None else _result(row, what.target)
    return what.title, f"{_number(row.value)} {what.unit}".rstrip(), against, _result(row, row.result), target


def _details(row: Row) -> Iterator[str]:
    if row.rounds > 1:
        low, high = (_result(row, end) for end in row.spread)
        yield f"half of {row.rounds} rounds {low} … {high}"
    for name, value in row.details.items():
        yield f"{name.replace('_', ' ')} {_number(value)}"


def _result(row: Row, number: float) -> str:
    match row.what.comparison:
        case "ratio":
            return f"{number:.2f} x"
        case "difference":
            return f"{'+' if number >= 0 else ''}{_number(number)} {row.what.unit}"
        case "value":
            return f"{number:g}"


def _number(number: float) -> str:
    """With three digits that count."""
    size = abs(number)
    return f"{number:,.0f}" if size >= 100 or number == int(number) else f"{number:.{1 if size >= 10 else 2}f}"  # noqa: PLR2004
