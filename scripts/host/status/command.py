"""The command: which parts are looked at, and what a person sees of them."""

from pathlib import Path
from typing import Annotated

from typer import Exit, Option

from scripts.host.delivery import Root
from scripts.host.machine import Machine
from scripts.host.status.addresses import addresses
from scripts.host.status.gpu import gpu
from scripts.host.status.logs import logs
from scripts.host.status.part import Part
from scripts.host.status.services import names, services
from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, speaking
from scripts.kit.output import Output, escape

MARKS = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "problem": "[red]✗[/]", "skip": "[dim]–[/]"}
LOG_LINES = 5


def status(
    port: Annotated[
        list[int] | None, Option(help="Another port to look at; may be given again.", min=1, max=65535)
    ] = None,
    lines: Annotated[int, Option(help="Lines of each log.", min=0, max=500)] = LOG_LINES,
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show what this machine says: GPU, services, who may reach the servers, the last lines of their logs.

    Nothing is changed, and nothing is asked over the network. Exit code 1: a service failed, or a GPU does not work.

    Example: python -m scripts host status --lines 20
    """
    with speaking(as_json=as_json, quiet=quiet) as output:
        machine = Machine(root)
        found = services(machine)
        parts = [gpu(machine), found, addresses(machine, port or ())]
        if lines:
            parts.append(logs(machine, names(found), lines))
        _show(parts, output)
        is_fine = all(part.state != "problem" for part in parts)
        output.result({"ok": is_fine, "parts": [part.as_dict() for part in parts]})
        if not is_fine:
            raise Exit(exits.PROBLEM)


def _show(parts: list[Part], output: Output) -> None:
    for part in parts:
        output.console.print(f"[bold]{part.name}[/bold]")
        for line in part.lines:
            output.console.print(f"  {MARKS[line.state]} {escape(line.text)}", soft_wrap=True)
            if line.fix:
                output.console.print(f"    → {escape(line.fix)}", soft_wrap=True)
        if part.reason:
            output.console.print(f"  {MARKS['skip']} skipped: {escape(part.reason)}", soft_wrap=True)
    problems = [line for part in parts for line in part.lines if line.state == "problem"]
    for line in problems if output.console.quiet and not output.as_json else ():
        output.bad(line.text, line.fix)
