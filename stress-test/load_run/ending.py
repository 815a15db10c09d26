"""The end of a run: its report in a folder, its words on the terminal, its exit code."""

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

REPORT = "report.json"


def folder_for(results: Path, started: datetime) -> Path:
    """A new one for each run, by its time."""
    name = started.astimezone().strftime("%Y-%m-%d-%H%M%S")
    folder = next(
        path for number in range(1000) if not (path := results / (name + (f"-{number}" if number else ""))).exists()
    )
    folder.mkdir(parents=True)
    return folder


def write(document: dict[str, Any], folder: Path) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / REPORT).write_text(text + "\n", encoding="utf-8")
    logging.getLogger(__name__).info("report in %s", folder)


def words(document: dict[str, Any], folder: Path) -> str:
    """What a person wants to know at the end."""
    found = document["verdict"]
    reasons = [f"  {each['code']}: {each['text']}" for each in found["reasons"]]
    return "\n".join([f"{found['state']} {found['sentence']}", *reasons, f"Report: {folder}"])
