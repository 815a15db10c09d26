"""`.env` as the SDK reads it: python-dotenv's lines, names in any case, of several the last; filled in place."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

OWNER_ONLY = 0o600


class NotText(ValueError):
    """It is no UTF-8, so the SDK could not start with it."""


@dataclass(frozen=True, slots=True)
class Line:
    """`value` is `None` where there is no `=`; `name` is empty on a line that nobody can read."""

    number: int
    name: str
    value: str | None
    written: str


@dataclass(frozen=True, slots=True)
class EnvFile:
    text: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        """Names in capitals; of several lines the last one counts."""
        return {line.name: line.value for line in self.lines if line.name and line.value is not None}


def parse(data: bytes) -> EnvFile:
    """Raises `NotText`."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotText from error
    lines = [_line(each) for each in parse_stream(StringIO(text, newline="")) if each.key or each.error]
    return EnvFile(text, tuple(lines))


def read(path: Path) -> EnvFile:
    """Empty when there is none. Raises `NotText` and `OSError`."""
    return parse(path.read_bytes()) if path.exists() else EnvFile()


def filled(file: EnvFile, values: Mapping[str, str]) -> str:
    """The text with these values: in the lines that have the names, else at the end. All else stays as it is."""
    end = "\r\n" if "\r\n" in file.text else "\n"
    missing = [name for name in values if name not in {line.name for line in file.lines}]
    parts = [_with(each, values) for each in parse_stream(StringIO(file.text, newline=""))]
    if missing and parts and not parts[-1].endswith("\n"):
        parts.append(end)
    return "".join([*parts, *(f"{name}={values[name]}{end}" for name in missing)])


def write(path: Path, text: str) -> None:
    """Whole or not at all, and for its owner only. A link stays one."""
    path = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # it is made for the owner only
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    try:
        Path(name).replace(path)
    except OSError:  # a file that is mounted by itself can only be filled
        Path(name).unlink()
        path.write_text(text, encoding="utf-8", newline="")
        with suppress(OSError):  # not every mount knows modes
            path.chmod(OWNER_ONLY)


def _line(binding: Binding) -> Line:
    written = binding.original.string
    skipped = len(written) - len(written.lstrip("\r\n"))  # the parser counts empty lines to the next one
    number = binding.original.line + written[:skipped].count("\n")
    return Line(number, (binding.key or "").upper(), binding.value, written.strip("\r\n"))


def _with(binding: Binding, values: Mapping[str, str]) -> str:
    name, written = (binding.key or "").upper(), binding.original.string
    if name not in values:
        return written
    head = written[: len(written) - len(written.lstrip())]
    body = written.lstrip().rstrip("\r\n")
    export = "export " if body.startswith("export ") else ""
    tail = written[len(head) + len(body) :]
    return f"{head}{export}{binding.key}={values[name]}{tail}"
