"""Starts a real llama.cpp server in a process of its own, and never leaves that process behind."""

import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

from scripts.embedded.models import MODELS
from scripts.embedded.options import EmbeddedOptions, command_line

__all__ = ["EmbeddedOptions", "EmbeddedServer", "NotStarted", "embedded_server"]

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 60.0  # a tiny model is there in half a second, but a large file of the user may take longer
STOP_SECONDS = 5.0
LAST_LOG_LINES = 12
READY = "READY "


class NotStarted(Exception):
    """The server could not be started; the message ends with what it logged last."""


class EmbeddedServer:
    """A server that answers at `url`; `log` is what llama.cpp had to say."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: Path) -> None:
        self._process = process
        self.url = url
        self.log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """End it politely; by force, when it does not listen."""
        _stop(self._process, patience)

    def kill(self) -> None:
        """End it as a crash does: connections break in the middle of an answer."""
        self._process.kill()
        self._process.wait()


@contextmanager
def embedded_server(
    options: EmbeddedOptions | None = None, log: Path | None = None, start_seconds: float = START_SECONDS
) -> Generator[EmbeddedServer]:
    """A server for the time of a `with` block. Without `log`, its log is gone afterwards."""
    with TemporaryDirectory(prefix="embedded-llamacpp-") as folder:
        log = log or Path(folder) / "server.log"
        with _spawn(options or EmbeddedOptions(), log) as process:
            try:
                yield EmbeddedServer(process, _wait_until_ready(process, log, start_seconds), log)
            finally:
                _stop(process)


def _spawn(options: EmbeddedOptions, log: Path) -> subprocess.Popen[str]:
    arguments = command_line(replace(_with_absolute_paths(options), watch_stdin=True))
    with log.open("wb") as stderr:
        return subprocess.Popen(
            [sys.executable, "-m", "scripts.embedded", *arguments],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,  # it breaks when we end, however we end, and then the server ends too
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal is for us; we stop the server in our own time
        )


def _with_absolute_paths(options: EmbeddedOptions) -> EmbeddedOptions:
    """The server does not run in the caller's folder."""
    paths = {"mmproj": options.mmproj, "template": options.template}
    if options.model not in MODELS:
        paths["model"] = options.model
    return replace(options, **{name: str(Path(path).absolute()) for name, path in paths.items() if path})


def _wait_until_ready(process: subprocess.Popen[str], log: Path, seconds: float) -> str:
    """The URL it serves. A server that takes too long is killed, which ends the waiting for its output."""
    deadline = Timer(seconds, process.kill)
    deadline.daemon = True
    deadline.start()
    try:
        for line in process.stdout or ():
            if line.startswith(READY):
                return line.removeprefix(READY).strip()
    finally:
        deadline.cancel()
    raise NotStarted(_what_went_wrong(process.wait(), log, seconds))


def _what_went_wrong(exit_code: int, log: Path, seconds: float) -> str:
    last_lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LOG_LINES:]
    too_slow = exit_code == -signal.SIGKILL
    how = f"was not ready within {seconds:g} seconds" if too_slow else f"ended with exit code {exit_code}"
    return "\n".join([f"the embedded llama.cpp server {how}:", *last_lines])


def _stop(process: subprocess.Popen[str], patience: float = STOP_SECONDS) -> None:
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
