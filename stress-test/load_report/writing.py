"""All forms of the report into one folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from load_report import csvs, markdown


def write_all(document: Mapping[str, Any], folder: Path) -> list[Path]:
    """report.json, which is the document itself, comes first: nothing that fails later can lose it."""
    folder.mkdir(parents=True, exist_ok=True)
    makers = {
        "report.json": lambda: json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        "report.csv": lambda: csvs.report(document),
        "series.csv": lambda: csvs.series(document),
        "report.md": lambda: markdown.render(document),
        "report.html": lambda: page(document),
    }
    return [_write(folder / name, make()) for name, make in makers.items()]


def page(document: Mapping[str, Any]) -> str:
    """The HTML page; only here are the charts loaded, which takes a second and a worker never needs."""
    from load_report.page import render  # noqa: PLC0415

    return render(document)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
