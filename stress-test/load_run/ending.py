"""The end of a run: a folder of its own for the report, and the words for the terminal."""

from datetime import datetime
from pathlib import Path
from typing import Any

from load_report.console import console
from load_report.writing import write_all

MOST_IN_A_SECOND = 1000


def folder_for(results: Path, started: datetime) -> Path:
    """By the time of the run; never one that is there already."""
    name = started.astimezone().strftime("%Y-%m-%d-%H%M%S")
    names = (f"{name}-{number}" if number else name for number in range(MOST_IN_A_SECOND))
    folder = next(path for each in names if not (path := results / each).exists())
    folder.mkdir(parents=True)
    return folder


def write(document: dict[str, Any], folder: Path) -> str:
    """All forms of the report; what a person wants to know at the end."""
    write_all(document, folder)
    return f"{console(document)}\n\nReport: {folder.resolve() / 'report.html'}"
