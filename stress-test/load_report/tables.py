"""A table as all forms of the report show it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    tone: str = ""
    """good, bad or weak; an empty one is plain."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first column names its row. `prose` are the columns with sentences; the others are numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    prose: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows)


def table(
    title: str, head: Iterable[str], rows: Iterable[Iterable[Cell | str]], note: str = "", prose: tuple[int, ...] = ()
) -> Table:
    made = tuple(tuple(_cell(each) for each in row) for row in rows)
    return Table(title, tuple(head), made, note, prose)


def _cell(each: Cell | str) -> Cell:
    return each if isinstance(each, Cell) else Cell(each)
