"""How a command speaks: to a person on the terminal, or to a program with one JSON object."""

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape as escape_markup
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from scripts.kit.characters import knows_all, visible

SCHEMA_VERSION = 1


class Output:
    """`as_json`: nothing but one object on stdout. `quiet`: only errors, on stderr."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.console = Console(quiet=quiet or as_json, highlight=False)
        errors = Console(stderr=True, highlight=False)
        # Where both are one terminal, a bar of one would wipe out the lines of the other.
        is_one = self.console.is_terminal and errors.is_terminal and not self.console.quiet
        self.errors = self.console if is_one else errors

    def say(self, text: str) -> None:
        """A line for the person; text from servers is never read as markup."""
        self.console.print(escape(text), soft_wrap=True)

    def good(self, text: str) -> None:
        self.console.print(f"[green]✓[/green] {escape(text)}", soft_wrap=True)

    def bad(self, text: str, fix: str = "") -> None:
        """What is wrong, and one thing to do; also when quiet."""
        self.errors.print(f"[red]✗[/red] {escape(text)}", soft_wrap=True)
        if fix:
            self.errors.print(f"  → {escape(fix)}", soft_wrap=True)

    def warn(self, text: str) -> None:
        """Worth knowing before going on; on stderr, also when quiet."""
        self.errors.print(f"[yellow]![/yellow] {escape(text)}", soft_wrap=True)

    def note(self, text: str) -> None:
        """Good to know, and not part of the result: on stderr, where it does not get into a file."""
        if not self.console.quiet:
            self.errors.print(f"[dim]· {escape(text)}[/dim]", soft_wrap=True)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        table = Table(title=escape(title) if title else None, title_justify="left", box=None)
        for column in columns:
            table.add_column(column, overflow="fold")  # a name that is cut could not be typed
        for row in rows:
            table.add_row(*(escape(str(cell).replace("\n", " ")) for cell in row))
        self.console.print(table)

    def result(self, facts: Mapping[str, Any]) -> None:
        """The command's one JSON object; says nothing to a person."""
        if self.as_json:
            words = json.dumps({"schema_version": SCHEMA_VERSION, **facts}, ensure_ascii=not knows_all(sys.stdout))
            print(words, flush=True)  # a program may be reading while the command goes on

    @contextmanager
    def doing(self, text: str) -> Generator[None]:
        """A spinner while something lasts."""
        with self.console.status(f"{escape(text)} …"):
            yield

    def transfers(self) -> Progress:
        """Bars for downloads, one a task."""
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        return Progress(*columns, console=self.console, disable=self.console.quiet)


def escape(text: str) -> str:
    """Text that is shown as it stands."""
    return escape_markup(visible(text))
