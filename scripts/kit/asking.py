"""Asking a person before something is changed."""

import sys

from typer import Abort, confirm

from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.output import Output


def agreed(question: str, output: Output, *, yes: bool) -> bool:
    """True when the person says so, or said so before with `--yes`.

    Raises:
        Stop: with exit code 2, when there is nobody to ask.
    """
    if yes:
        return True
    if output.as_json or not sys.stdin.isatty():
        raise Stop(f"{question} There is nobody to ask here.", "Add --yes to agree in advance.", exits.USAGE)
    try:
        return confirm(question, default=False, err=True)
    except Abort as error:  # Ctrl-C, or the terminal is gone
        raise KeyboardInterrupt from error
