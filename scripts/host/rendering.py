"""Templates to text, and a plan to a script that can be read, pasted or piped into a shell."""

import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scripts.host.plan import HostFile, Plan

TEMPLATES = Path(__file__).parent / "templates"
END = "END"  # of a file's text within the script


def render(template: str, **values: Any) -> str:
    """The text of a template in `templates/`."""
    return _templates().get_template(f"{template}.j2").render(**values)


def script(plan: Plan) -> str:
    """The whole plan as one script; PowerShell's is the file itself."""
    if plan.language == "powershell":
        return "".join(file.content for file in plan.files)
    lines = [*dict.fromkeys(_folders(plan)), *(_saving(file) for file in plan.files), *plan.commands, ""]
    return "\n".join(lines)


def owner_command(path: Path) -> str:
    """`sudo` for what is not in the person's own folder."""
    own = not path.is_absolute() or (path.is_relative_to(Path.home()) and Path.home() != Path("/"))
    return "" if own else "sudo "


def unit_value(text: str) -> str:
    """A value inside double quotes, by systemd's rules: `%` begins a specifier."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")


def unit_argument(text: str) -> str:
    """One argument of ExecStart; `$` begins a variable there."""
    escaped = unit_value(text).replace("$", "$$")
    return escaped if escaped and not set(escaped) & set(" \t'\"\\;") else f'"{escaped}"'


def powershell_text(text: str) -> str:
    """Between single quotes PowerShell reads nothing but the quote itself."""
    return "'" + text.replace("'", "''") + "'"


def _folders(plan: Plan) -> Iterator[str]:
    for file in plan.files:
        if file.path.is_absolute():
            yield f"{owner_command(file.path)}mkdir -p {shlex.quote(str(file.path.parent))}"


def _saving(file: HostFile) -> str:
    text = file.content.rstrip("\n")
    return f"{owner_command(file.path)}tee {shlex.quote(str(file.path))} >/dev/null <<'{END}'\n{text}\n{END}"


@cache
def _templates() -> Environment:
    environment = Environment(  # noqa: S701 - units and scripts are no HTML
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(value=unit_value, argument=unit_argument, quoted=powershell_text)
    return environment
