"""The same end of every command that makes a plan: print it as a script, or write it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from typer import Option

from scripts.host.machine import Machine
from scripts.host.plan import Plan
from scripts.host.rendering import script
from scripts.host.writing import write
from scripts.kit.command import speaking
from scripts.kit.output import Output

Write = Annotated[bool, Option("--write", help="Write the files instead of printing them; asks first.")]
Yes = Annotated[bool, Option("--yes", "-y", help="Do not ask.")]
Root = Annotated[Path, Option(metavar="DIR", help="The folder that stands for /, for images and tests.")]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Only what was asked for, and errors; no notes.")]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The options that all these commands share."""

    write: bool = False
    yes: bool = False
    root: Path = Path("/")
    as_json: bool = False
    quiet: bool = False


def deliver(about: str, make: Callable[[Machine], Plan], how: Delivery) -> None:
    with speaking(as_json=how.as_json, quiet=how.quiet) as output:
        machine = Machine(how.root)
        plan = _with_hint(make(machine), about)
        written = write(plan, machine, output, yes=how.yes) if how.write else []
        if not how.as_json:
            _tell(plan, output, how)
        output.result({"ok": True, "about": about, "written": how.write, **plan.as_dict(), "changes": written})


def _with_hint(plan: Plan, about: str) -> Plan:
    """A service of systemd is no use on another system."""
    better = {"darwin": "launchd", "win32": "windows"}.get(sys.platform, "")
    if not better or about == better or plan.language == "powershell" or _is_for_launchd(plan):
        return plan
    hint = f"This is for Linux with systemd. Here: python -m scripts host {better}"
    return replace(plan, warnings=(hint, *plan.warnings))


def _is_for_launchd(plan: Plan) -> bool:
    return any(file.path.suffix == ".plist" for file in plan.files)


def _tell(plan: Plan, output: Output, how: Delivery) -> None:
    """The script alone on stdout, so that it can be piped; all else on stderr."""
    if not how.write:
        sys.stdout.write(script(plan))
        sys.stdout.flush()
    elif plan.commands:
        output.say("\nTo make it count:")
        for command in plan.commands:
            output.say(f"  {command}")
    for warning in plan.warnings:
        output.warn(warning)
    for note in plan.notes:
        output.note(note)
