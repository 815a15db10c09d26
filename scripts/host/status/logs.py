"""The last lines of each server's log, without the secrets that programs write there."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.host.machine import Machine
from scripts.host.status.part import Line, Part

FILES = (".ollama/logs/server.log", "Library/Logs/ollama.log", ".lmstudio/server-logs/main.log")
LONGEST = 300
HIDDEN = "•••"
NAMED = r"(?:api[_-]?key|token|secret|passw(?:or)?d|authorization)"
SECRETS = (
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), HIDDEN),  # user:password@ of a proxy
    (re.compile(rf"(?i)({NAMED}\w*[\"']?\s*[=:]\s*[\"']?(?:bearer )?)[^\s\"',\]}}]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(?:sk|hf|ghp)[-_][A-Za-z0-9_-]{8,}"), HIDDEN),
)  # fmt: skip


def logs(machine: Machine, services: Sequence[str], lines: int) -> Part:
    """From the journal where there are services, else from the files that the programs write."""
    shown: list[Line] = []
    reasons: list[str] = []
    for service in services:
        told = machine.ask("journalctl", "--unit", service, f"--lines={lines}", "--no-pager", "--output=short-iso")
        reasons += [f"{service}: {told.reason}"] if told.reason else []
        shown += [Line(redacted(line)) for line in told.text.splitlines()[-lines:] if line.strip()]
    shown += [] if shown else _from_files(machine, lines)
    return Part("Log", tuple(shown), reason="" if shown else "; ".join(reasons) or "no journal and no log file found")


def redacted(line: str) -> str:
    for pattern, instead in SECRETS:
        line = pattern.sub(instead, line)
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def _from_files(machine: Machine, lines: int) -> Iterator[Line]:
    for name in FILES:
        text = machine.read(Path.home() / name)
        for line in (text or "").splitlines()[-lines:]:
            yield Line(redacted(f"{name}: {line}"))
