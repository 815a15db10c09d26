"""The frame of every command: `--json`, `--quiet`, exit codes, Ctrl-C, and never a traceback."""

import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

from typer import BadParameter, Exit, Option

from provider.core.errors import BadSetting, ServerError
from scripts.kit import exits
from scripts.kit.output import Output

AsJson = Annotated[bool, Option("--json", help="One JSON object with schema_version, and nothing else.")]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Only errors.")]

REPORT = "a server answered as none is known to, or this is a bug: please report it with this line"


class Stop(Exception):
    """The command ends here: what is wrong, what to do about it, and with which exit code."""

    def __init__(self, reason: str, fix: str = "", code: int = exits.PROBLEM, **facts: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix
        self.code = code
        self.facts = facts


@contextmanager
def speaking(*, as_json: bool = False, quiet: bool = False) -> Generator[Output]:
    """Wraps a command's body: every way it can end becomes words and an exit code."""
    output = Output(as_json=as_json, quiet=quiet)
    try:
        yield output
    except Stop as stop:
        _end(output, stop.reason, stop.fix, stop.code, stop.facts)
    except BadSetting as error:
        _end(output, str(error), "", exits.USAGE, {})
    except ServerError as error:
        _end(output, str(error), "", exits.PROBLEM, {})
    except KeyboardInterrupt:
        _end(output, "interrupted", "", exits.INTERRUPTED, {})
    except (Exit, BadParameter, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - what nobody thought of is told in a line too
        _end(output, *_unexpected(error), exits.COULD_NOT_RUN, {})


def _unexpected(error: Exception) -> tuple[str, str]:
    while isinstance(error, ExceptionGroup):  # of tasks that ran at once
        error = error.exceptions[0]
    places = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({Path(each.filename).name}, line {each.lineno})" for each in places)
    return f"the command itself failed: {type(error).__name__}: {error}{where}", REPORT


def _end(output: Output, reason: str, fix: str, code: int, facts: dict[str, Any]) -> NoReturn:
    output.bad(reason, fix)
    output.result({"ok": False, "error": reason, "fix": fix, "exit_code": code, **facts})
    raise Exit(code)
