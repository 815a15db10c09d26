"""This machine, as far as its files and its programs tell."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 5.0  # seconds for a program to answer


@dataclass(frozen=True, slots=True)
class Told:
    """What a program printed, or the reason why it could not be asked."""

    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """`root` is where its files begin; programs are found on PATH, as always."""

    root: Path = Path("/")

    def path(self, absolute: str | Path) -> Path:
        return self.root / str(absolute).lstrip("/")

    def read(self, absolute: str | Path) -> str | None:
        """A text file, or `None` when there is none that may be read."""
        try:
            return self.path(absolute).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def ask(self, *command: str) -> Told:
        if shutil.which(command[0]) is None:
            return Told(reason=f"{command[0]} is not installed")
        try:
            run = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return Told(reason=f"{command[0]} did not answer within {PATIENCE:g} s")
        except OSError as error:
            return Told(reason=f"{command[0]} cannot be started: {error.strerror}")
        if run.returncode:
            return Told(run.stdout, f"{command[0]} failed: {_first_line(run.stderr or run.stdout)}")
        return Told(run.stdout)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "without a word")
