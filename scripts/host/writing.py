"""A plan's files on the disk: shown first, agreed to, with a backup of what was there."""

import difflib
import os
import shlex
import stat
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scripts.host.machine import Machine
from scripts.host.plan import HostFile, Plan
from scripts.kit import exits
from scripts.kit.asking import agreed
from scripts.kit.command import Stop
from scripts.kit.output import Output

WORLD_READABLE = 0o644


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it shall be, and as it is: `before` is `None` when there is none yet."""

    file: HostFile
    target: Path
    before: str | None

    @property
    def is_needed(self) -> bool:
        return self.before != self.file.content


def write(plan: Plan, machine: Machine, output: Output, *, yes: bool) -> list[dict[str, Any]]:
    """What was done to each file.

    Raises:
        Stop: the person said no, there is nobody to ask, or the files may not be written by this user.
    """
    changes = [_change(file, machine) for file in plan.files]
    needed = [change for change in changes if change.is_needed]
    for change in needed:
        _show(change, output)
    if needed:
        _check_permission(needed)
        if not agreed(_question(needed), output, yes=yes):
            raise Stop("nothing was written", code=exits.PROBLEM)
    return [_written(change, output) for change in changes]


def _change(file: HostFile, machine: Machine) -> Change:
    target = machine.path(file.path) if file.path.is_absolute() else file.path
    try:
        before = target.read_text(encoding="utf-8") if target.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{target} is there and cannot be read: {error}", _as_root(), exits.COULD_NOT_RUN) from error
    return Change(file, target, before)


def _show(change: Change, output: Output) -> None:
    before = (change.before or "").splitlines()
    lines = difflib.unified_diff(before, change.file.content.splitlines(), "before", str(change.target), lineterm="")
    for line in lines:
        output.say(line)


def _check_permission(changes: Sequence[Change]) -> None:
    for change in changes:
        if not os.access(_nearest_folder(change.target), os.W_OK):
            raise Stop(f"{change.target} can only be written by root", _as_root(), exits.COULD_NOT_RUN)


def _nearest_folder(target: Path) -> Path:
    return next(folder for folder in (target.parent.absolute(), *target.parent.absolute().parents) if folder.exists())


def _as_root() -> str:
    """The same command line with sudo; it holds no secret, because no option of this command does."""
    return shlex.join(["sudo", sys.executable, "-m", "scripts", *sys.argv[1:]])


def _question(changes: Sequence[Change]) -> str:
    names = ", ".join(str(change.target) for change in changes)
    kept = " (a backup is kept)" if any(change.before is not None for change in changes) else ""
    return f"Write {names}{kept}?"


def _written(change: Change, output: Output) -> dict[str, Any]:
    if not change.is_needed:
        output.good(f"{change.target} is as it should be")
        return {"path": str(change.target), "state": "unchanged"}
    try:
        mode = stat.S_IMODE(change.target.stat().st_mode) if change.before is not None else WORLD_READABLE
        backup = _back_up(change, mode)
        _replace(change.target, change.file.content, mode)
    except OSError as error:
        raise Stop(f"{change.target} cannot be written: {error}", _as_root(), exits.COULD_NOT_RUN) from error
    output.good(f"{change.target} written" + (f", what was there is in {backup.name}" if backup else ""))
    state = "changed" if backup else "new"
    return {"path": str(change.target), "state": state, **({"backup": str(backup)} if backup else {})}


def _back_up(change: Change, mode: int) -> Path | None:
    """Beside the file, for the same eyes; systemd and launchd read no file with such an ending."""
    if change.before is None:
        return None
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    backup = change.target.with_name(f"{change.target.name}.before-{stamp}")
    _replace(backup, change.before, mode)
    return backup


def _replace(target: Path, content: str, mode: int) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=target.parent, delete=False) as file:
        file.write(content)
    Path(file.name).chmod(mode)
    Path(file.name).replace(target)
