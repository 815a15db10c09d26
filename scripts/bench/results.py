"""The rows as a document that a program can compare with another one."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.bench.machine import busy, commit, machine
from scripts.bench.rows import Row
from scripts.kit.output import SCHEMA_VERSION

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "bench-results"


class Results:
    """Created before the first measurement, because it also says when that was and how busy the machine."""

    def __init__(self, *, quick: bool) -> None:
        self.rows: list[Row] = []
        self.busy_before = self.busy_after = busy()
        self._quick = quick
        self._date = datetime.now(UTC).replace(microsecond=0)
        self._begin = time.monotonic()
        self._seconds = 0.0

    def end(self) -> None:
        """After the last measurement."""
        self._seconds = time.monotonic() - self._begin
        self.busy_after = busy()

    @property
    def missed(self) -> list[str]:
        return [row.what.name for row in self.rows if row.met is False]

    @property
    def default_path(self) -> Path:
        return FOLDER / f"{self._date:%Y-%m-%dT%H-%M-%SZ}.json"

    def as_dict(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "ok": True,
            "date": self._date.isoformat(),
            **commit(),
            "quick": self._quick,
            "seconds": round(self._seconds, 1),
            "machine": {**machine(), "busy_before": self.busy_before, "busy_after": self.busy_after},
            "rows": [row.as_dict() for row in self.rows],
            "targets_missed": self.missed,
        }


def save(document: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def shown_path(path: Path) -> Path:
    """As short as it can be told to a person who is in the repository."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
