"""The rows of the documents that carry a mark, and whether what a mark claims is there."""

import re
from dataclasses import dataclass
from pathlib import Path

from provider.core.reachability.codes import BY_CODE
from scripts.doctoring.words import ROWS
from tests.netlab.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LAB = {scenario.name: scenario for scenario in SCENARIOS}
OF_THE_DOCTOR = {code for code, row in ROWS.items() if row[0] != "-"}
CODES = {*OF_THE_DOCTOR, "READY", "NONE_ANSWERS"}  # all that it may give
KNOWN = CODES | set(BY_CODE)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table whose last column is the mark."""

    page: Path
    headings: tuple[str, ...]
    cells: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page.stem}: {self.cells[0]}"

    def __getitem__(self, heading: str) -> str:
        return self.cells[self.headings.index(heading)]

    @property
    def codes(self) -> list[str]:
        return re.findall(r"`([A-Z_0-9]+)`", self["Code"])

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`(tests/[^`]+\.py)`", self["Mark"])

    @property
    def scenarios(self) -> list[str]:
        return re.findall(r"lab “([^”]+)”", self["Mark"])

    @property
    def recordings(self) -> list[Path]:
        return [ROOT / name for name in re.findall(r"`(tests/recordings/[^`]+)`", self["Mark"])]


def tables(page: Path) -> list[list[tuple[str, ...]]]:
    """Every table, as the cells of its lines; a bar in code would end a cell, on GitHub too."""
    blocks = re.findall(r"(?:^\|.*\n)+", without_code(page.read_text(encoding="utf-8")) + "\n", re.MULTILINE)
    return [[_cells(line) for line in block.splitlines()] for block in blocks]


def marked_rows(page: Path) -> list[Row]:
    return [Row(page, table[0], cells) for table in tables(page) if table[0][-1] == "Mark" for cells in table[2:]]


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def faults(row: Row) -> list[str]:
    """Why the mark of a row cannot be believed; nothing if it can."""
    if len(row.cells) != len(row.headings):
        return [f"{len(row.cells)} cells for {len(row.headings)} headings"]
    marks = re.findall(r"\*\*(\w+)\*\*", " ".join(row.cells))
    check = {("tested",): _tested, ("recorded",): _recorded, ("documented",): _documented}.get(tuple(marks))
    if not check or not row["Mark"].startswith(f"**{marks[0]}**: "):
        return [f"one mark is wanted, there is {marks or 'none'}"]
    return check(row)


def _tested(row: Row) -> list[str]:
    missing = [name for name in row.scenarios if name not in LAB]
    missing += [name for name in row.tests if not _has_tests(ROOT / name)]
    return [f"there is no test {name}" for name in missing] if row.scenarios or row.tests else ["no test is named"]


def _recorded(row: Row) -> list[str]:
    notes = re.findall(r"\]\(([\w-]+\.md)?#measured\)", row["Mark"])
    missing = [path.name for path in row.recordings if not path.is_file()]
    missing += [
        name for name in notes if "\n## Measured\n" not in row.page.with_name(name or row.page.name).read_text()
    ]
    return [f"there is no record in {name}" for name in missing] if row.recordings or notes else ["no record is named"]


def _documented(row: Row) -> list[str]:
    return [] if re.search(r"\]\(https://[\w.-]+/\S*\)", row["Mark"]) else ["no public page is named"]


def _has_tests(path: Path) -> bool:
    return path.is_file() and "\ndef test_" in path.read_text(encoding="utf-8")


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
