"""What was found, for a person, a program or a bug report."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from typing import Any

SIGNS = {"pass": ("✓", 32), "warn": ("!", 33), "fail": ("✗", 31), "skip": ("–", 2)}
ASCII = str.maketrans(
    {"✓": "+", "✗": "x", "–": "-", "→": ">", "…": "...", "“": '"', "”": '"', "✅": "[ok]", "❌": "[x]"}
)


def as_text(report: dict[str, Any], *, quiet: bool = False, colour: bool = False) -> Iterator[str]:
    """A line a check; the fix stands below what it mends."""
    for found in report["findings"]:
        sign, number = SIGNS[found["status"]]
        shown = f"\033[{number}m{sign}\033[0m" if colour else sign
        code = f"{found['code']}: " if found["status"] in ("warn", "fail") else ""
        if not quiet or found["status"] == "fail":
            yield f"{shown} {found['check']:<14}{code}{found['detail']}"
            yield from [f"  → {found['fix']}"] if found["fix"] else []
    if not quiet:
        yield f"✅ {report['server']} is ready at {report['url']}" if report["ok"] else f"❌ {report['code']}"


def as_markdown(report: dict[str, Any]) -> Iterator[str]:
    """For a bug report: no key, no password; the rest is as the person sees it."""
    yield f"Python {platform.python_version()}, {platform.system()} {platform.machine()}\n\n```text"
    yield from as_text(report)
    yield "```"


def show(report: dict[str, Any], want: Any) -> None:
    lines = as_markdown(report) if want.markdown else as_text(report, quiet=want.quiet, colour=want.colour)
    text = json.dumps(report) if want.json else "\n".join(lines)
    encoding = sys.stdout.encoding or "ascii"
    if "utf" not in encoding.lower():
        text = text.translate(ASCII).encode(encoding, "replace").decode(encoding)
    if text:
        print(text, flush=True)
