"""What packing came to, told to a person or to a program."""

import json
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape

from scripts.packaging.archive import Package

SCHEMA_VERSION = 1
OK, FAULTY, NOT_RUN = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Report:
    """A sound package; or the problems of one that was not kept; or why there could be none."""

    package: Package | None = None
    problems: tuple[str, ...] = ()
    error: str = ""
    installed: bool = False  # it was also installed and started

    @property
    def exit_code(self) -> int:
        return NOT_RUN if self.error else FAULTY if self.problems else OK

    def as_dict(self) -> dict[str, Any]:
        head = {"schema_version": SCHEMA_VERSION, "ok": self.exit_code == OK, "installed": self.installed}
        tail = {"problems": list(self.problems), "error": self.error}
        return {**head, **(_facts(self.package) if self.package else {}), **tail}


def _facts(package: Package) -> dict[str, Any]:
    return {
        "path": str(package.path),
        "name": package.name,
        "version": package.version,
        "size": package.size,
        "checksum": package.checksum,
        "unique_identifier": package.unique_identifier,
        "files": list(package.files),
    }


def show(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_dict()))
    elif report.package:
        _show_package(report.package, installed=report.installed)
    elif report.problems:
        _show_problems(report.problems)
    else:
        Console(stderr=True).print(f"[red]Not packed:[/] {escape(report.error)}", soft_wrap=True)


def _show_problems(problems: tuple[str, ...]) -> None:
    console = Console(stderr=True)
    console.print(f"[red]Not kept, {len(problems)} problem(s):[/]")
    for problem in problems:
        console.print(f"  • {escape(problem)}", soft_wrap=True)


def _show_package(package: Package, *, installed: bool) -> None:
    """Not a table: Rich would cut a long path to fit the terminal."""
    facts = {
        "package": f"[green]{escape(str(package.path))}[/]",
        "version": package.version,
        "size": f"{package.size:,} bytes, {len(package.files)} files",
        "checksum": package.checksum,
        "checked": "rules, SDK, installed and started" if installed else "rules, SDK; not installed",
    }
    for name, fact in facts.items():
        Console().print(f"{name:10}{fact}", soft_wrap=True, highlight=False)
