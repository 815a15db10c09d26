"""What a host needs, as a value: files, commands to make them count, and what a person should know."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class HostFile:
    """A text file. A relative path is in the folder where the command runs."""

    path: Path
    content: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`commands` come after the files. `warnings` are about traps, `notes` explain a choice."""

    files: tuple[HostFile, ...] = ()
    commands: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    language: Literal["sh", "powershell"] = "sh"

    def as_dict(self) -> dict[str, Any]:
        return {
            "files": [{"path": str(file.path), "content": file.content} for file in self.files],
            "commands": list(self.commands),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
        }
