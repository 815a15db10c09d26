"""Starts the service in the engine's environment, waits until it serves, and leaves nothing behind."""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, TypedDict

from scripts.plugin_host.process import DIE_WITH_PARENT

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-graphon"
PYTHON = ENVIRONMENT / "bin/python"
WORKFLOWS = ROOT / "stress-test/workflows"
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LOCAL_MODELS_API_KEY")  # above all no proxies
START_SECONDS = 120.0
STDERR_LINES = 50
HOW_TO_PREPARE = "make .venv-graphon/ready"


class NotStarted(Exception):
    """With the reason, and what helps."""


class Served(TypedDict):
    url: str
    keys: dict[str, str]  # by the name of the workflow's file


@contextmanager
def running(
    model_server_url: str,
    workflows: Sequence[str | Path] | None = None,
    model: str = "auto",
    port: int = 0,
    *,
    most: int = 0,
) -> Generator[Served]:
    """Serve these workflow files (names of those in stress-test/workflows, or paths; none is all of them).

    `model` is asked instead of the one in the files; `most` limits the runs of each app at one time, as Dify can.
    """
    options = ["--server", model_server_url, "--model", model, "--port", str(port), "--most", str(most)]
    child = _Child([*options, *map(str, _files(workflows))])
    try:
        yield child.wait()
    finally:
        child.end()


def _files(workflows: Sequence[str | Path] | None) -> list[Path]:
    files = sorted(WORKFLOWS.glob("*.yml")) if workflows is None else [_file(workflow) for workflow in workflows]
    if not files:
        raise NotStarted(f"there is no workflow file in {WORKFLOWS}")
    return files


def _file(workflow: str | Path) -> Path:
    path = Path(workflow)
    found = path if path.suffix in (".yml", ".yaml") else WORKFLOWS / f"{workflow}.yml"
    if (WORKFLOWS / "agents" / found.name).is_file() and not found.is_file():
        raise NotStarted(f"{workflow} is an agent, which only a Dify runs")
    if not found.is_file():
        names = ", ".join(sorted(path.stem for path in WORKFLOWS.glob("*.yml")))
        raise NotStarted(f"there is no workflow file {found}; by name there are {names}")
    return found.resolve()


class _Child:
    """The service's process. To the thread that starts it the kernel ties its life, so that thread stays."""

    def __init__(self, arguments: list[str]) -> None:
        if not PYTHON.exists():
            raise NotStarted(f"{ENVIRONMENT.name} with Dify's engine is not there; make it: {HOW_TO_PREPARE}")
        self._said: SimpleQueue[subprocess.Popen[str] | OSError | str] = SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._life = threading.Thread(target=self._live, args=[arguments], name="local dify", daemon=True)
        self._life.start()
        match self._said.get():
            case subprocess.Popen() as popen:
                self._popen = popen
            case reason:
                raise NotStarted(f"the service could not be started ({reason})")

    def wait(self) -> Served:
        try:
            line = self._said.get(timeout=START_SECONDS)
        except Empty:
            raise NotStarted(f"the service gave no sign for {START_SECONDS:g} s\n{self._words()}") from None
        if not isinstance(line, str) or not line.startswith("{"):
            raise NotStarted(self._words() or f"the service ended with exit code {self._popen.wait()}")
        return json.loads(line)

    def end(self) -> None:
        """It has no state to save, and the plugin's process ends with it."""
        self._popen.kill()
        self._life.join()

    def _live(self, arguments: list[str]) -> None:
        try:
            popen = _spawn(arguments)
        except OSError as error:
            self._said.put(error)
            return
        self._said.put(popen)
        listener = threading.Thread(target=self._keep, args=[popen.stderr], daemon=True)
        listener.start()
        with popen:
            self._said.put(popen.stdout.readline() if popen.stdout else "")
            popen.wait()
            listener.join()

    def _keep(self, stderr: IO[str]) -> None:
        for line in iter(partial(stderr.readline, 4096), ""):
            self._stderr.append(line)

    def _words(self) -> str:
        return "".join(self._stderr).strip()


def _spawn(arguments: list[str]) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    guard = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())] if sys.platform == "linux" else []
    return subprocess.Popen(
        [*guard, str(PYTHON), "-m", "local_dify.service", "--plugin-python", sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(ROOT / "stress-test"), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C in the terminal is for us; we end the service in our own time
    )
