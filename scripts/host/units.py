"""What the unit files of a systemd service say, without systemd."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.host.machine import Machine

FOLDERS = ("/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/system", "/etc/systemd/system")
CONTINUED = re.compile(r"\\\n\s*")


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable that a file gives to a service."""

    path: Path
    name: str
    value: str


def environment_of(service: str, machine: Machine) -> Iterator[Setting]:
    """Every `Environment=` of the unit and its drop-ins, in the order in which they count."""
    for path in files_of(service, machine):
        for _, value in entries(machine.read(path) or "", "Environment"):
            yield from (Setting(path, name, text) for name, _, text in (word.partition("=") for word in _words(value)))


def files_of(service: str, machine: Machine) -> Iterator[Path]:
    """The unit file that counts, then its drop-ins; paths as on that machine."""
    unit = f"{service}.service"
    mains = [Path(folder, unit) for folder in FOLDERS if machine.path(Path(folder, unit)).is_file()]
    yield from mains[-1:]
    drop_ins: dict[str, Path] = {}
    for folder in FOLDERS:
        found = machine.path(Path(folder, f"{unit}.d"))
        drop_ins |= {each.name: Path(folder, f"{unit}.d", each.name) for each in found.glob("*.conf")}
    yield from (drop_ins[name] for name in sorted(drop_ins))


def entries(text: str, key: str) -> Iterator[tuple[str, str]]:
    """`(section, value)` of each line with this key."""
    section = ""
    for line in CONTINUED.sub(" ", text).splitlines():
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped[1:-1]
        elif "=" in stripped and not stripped.startswith(("#", ";")):
            name, _, value = stripped.partition("=")
            if name.strip() == key:
                yield section, value.strip()


def _words(value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:  # a quote that does not end: systemd ignores the line
        return []
