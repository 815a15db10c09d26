"""The command: what is measured, where the results go, and what happens when nothing can be measured."""

from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Annotated

from typer import BadParameter, Exit, Option

from scripts.bench import screen
from scripts.bench.errors import NotMeasured
from scripts.bench.lab import FULL, QUICK, laboratory
from scripts.bench.measures import MEASURES
from scripts.bench.results import Results, save
from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, speaking
from scripts.kit.output import Output
from scripts.plugin_host import HostError

NAMES = ", ".join(MEASURES)


def bench(  # noqa: PLR0913, PLR0917 - options of a command line
    as_json: AsJson = False,
    quick: Annotated[bool, Option("--quick", help="Fewer and shorter rounds: under a minute, rougher.")] = False,
    only: Annotated[str, Option(metavar="NAME,…", help=f"Only these: {NAMES}.")] = "",
    out: Annotated[Path | None, Option(help="The file for the results; else a new one in bench-results/.")] = None,
    check: Annotated[bool, Option("--check", help="Exit with 1 when a target is missed.")] = False,
    quiet: Quiet = False,
) -> None:
    """Measure what the plugin costs, against a plugin that does nothing and against plain HTTP.

    Everything runs on this machine, without a model. docs/benchmark.md says how to read the numbers.

    Exit code: 0 it was measured, 1 a target is missed (with --check), 2 wrong options, 3 it could not be measured.

    Example: python -m scripts bench --quick
    """
    names = _chosen(only)
    with speaking(as_json=as_json, quiet=quiet) as output:
        results = _measured(names, output, quick=quick)
        path = out or results.default_path
        _save(results, path)
        output.result(results.as_dict())
        screen.show(output, results, path)
        if check and results.missed:
            raise Exit(exits.PROBLEM)


def _measured(names: Sequence[str], output: Output, *, quick: bool) -> Results:
    results = Results(quick=quick)
    try:
        with laboratory(QUICK if quick else FULL) as lab:
            for name in names:
                with screen.measuring(output, name) as lab.on_round:
                    results.rows += MEASURES[name](lab)
    except (HostError, HTTPException, OSError) as error:
        raise NotMeasured(_brief(error)) from error
    results.end()
    return results


def _brief(error: Exception) -> str:
    """Without the traceback that a plugin leaves when it does not start: its first line and its last."""
    first, *rest = str(error).strip().splitlines() or [type(error).__name__]
    return f"{first}: {rest[-1]}" if rest else first


def _chosen(only: str) -> list[str]:
    """In the order of the list, whatever the order they were asked for."""
    asked = {name.strip() for name in only.split(",") if name.strip()}
    if unknown := asked - MEASURES.keys():
        raise BadParameter(f"there is no {', '.join(sorted(unknown))}; there are {NAMES}", param_hint="--only")
    return [name for name in MEASURES if not asked or name in asked]


def _save(results: Results, path: Path) -> None:
    try:
        save(results.as_dict(), path)
    except OSError as error:
        raise NotMeasured(f"the results cannot be saved: {error}") from error
