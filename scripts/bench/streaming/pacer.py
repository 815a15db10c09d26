"""Starts the pacer: in C if it can be compiled here, for 80,000 events a second are too many for Python."""

import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.bench.errors import NotMeasured

ROOT = Path(__file__).parents[3]
SOURCE = Path(__file__).with_name("pacer.c")
READY = "READY "
STOP_SECONDS = 5.0
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Pacer:
    url: str
    is_compiled: bool
    """Otherwise it is Python's, which sends several events in one write when it is late."""

    def stream(self, events: int, per_second: float) -> str:
        return f"{self.url}/v1/workflows/run?n={events}&us={round(MILLION / per_second)}"


@contextmanager
def pacer(compiler: str | None = None) -> Generator[Pacer]:
    """`compiler` is a program; without one the first of cc, gcc and clang."""
    with TemporaryDirectory(prefix="pacer-") as folder:
        program = _compiled(compiler or _compiler(), Path(folder))
        command = [str(program)] if program else [sys.executable, "-m", "scripts.bench.streaming.python_pacer"]
        with _running(command) as url:
            yield Pacer(url, program is not None)


def _compiler() -> str | None:
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def _compiled(compiler: str | None, folder: Path) -> Path | None:
    """`None` where it cannot be: it needs Linux."""
    if compiler is None or shutil.which(compiler) is None or sys.platform != "linux":
        return None
    program = folder / "pacer"
    done = subprocess.run(
        [compiler, "-O2", "-D_GNU_SOURCE", "-o", program, SOURCE], capture_output=True, check=False, timeout=60
    )
    return program if done.returncode == 0 else None


@contextmanager
def _running(command: Sequence[str]) -> Generator[str]:
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,  # it ends when we end, and with it the server
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(READY):
                raise NotMeasured(f"the pacer did not start: {command[0]}")
            yield line.removeprefix(READY).strip()
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
