"""Whole runs: the real `locust` command against the truth server, and what came of them."""

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STRESS = ROOT / "stress-test"
LOCUST = [sys.executable, "-m", "locust", "--headless"]
PATIENCE = 60.0  # seconds for a run; they take 3 to 8
OPENAI = ("--kind", "openai", "--model", "truth")
DIFY = ("--kind", "dify", "--key", "app-truth")


@dataclass(frozen=True)
class Ran:
    """A run that is over."""

    code: int
    output: str
    folder: Path

    @property
    def document(self) -> dict[str, Any]:
        (report,) = self.folder.glob("results/*/report.json")
        return json.loads(report.read_text(encoding="utf-8"))

    @property
    def passed(self) -> bool:
        return self.ended_with(0)

    def ended_with(self, code: int) -> bool:
        """A machine that is busy with other things may make the load generator late; then it says so, with 4."""
        reasons = {reason["code"] for reason in self.document["verdict"]["reasons"] if reason["state"] == "INVALID"}
        return self.code == code or (self.code == 4 and reasons <= {"client_lag", "client_cpu", "schedule_lag"})

    def table(self) -> dict[str, int]:
        """Locust's own, as it is printed at the end: requests and failures."""
        found = re.findall(r"^ +Aggregated +(\d+) +(\d+)\(", self.output, re.MULTILINE)
        requests, failures = found[-1]
        return {"requests": int(requests), "failures": int(failures)}


@contextmanager
def truth(**plan: Any) -> Generator[str]:
    """The address of a truth server in a process of its own."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in plan.items()]
    command = [sys.executable, "-m", "load_truth", *options]
    with subprocess.Popen(command, cwd=STRESS, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def told(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/_truth", timeout=10) as answer:
        return json.load(answer)


def arguments(url: str, folder: Path, options: Sequence[str]) -> list[str]:
    return ["-H", url, "--results", str(folder / "results"), *options, *_port_of_its_own(options)]


def _port_of_its_own(options: Sequence[str]) -> list[str]:
    """Locust's usual port may be that of another run on this machine."""
    port = str(free_port())
    return ["--master-bind-port", port, "--master-port", port] if "--processes" in options else []


def load(url: str, folder: Path, *options: str, cwd: Path = STRESS, env: dict[str, str] | None = None) -> Ran:
    """One `locust` command to its end."""
    command = [*LOCUST, *arguments(url, folder, options)]
    done = _run(command, cwd=cwd, env=env)
    return Ran(done.returncode, done.stdout, folder)


def load_with_master(url: str, folder: Path, *options: str, workers: int = 2) -> Ran:
    """A master and its workers, each a command of its own."""
    port = str(free_port())
    worker = [*LOCUST, "--worker", "--master-host", "127.0.0.1", "--master-port", port]
    started = [_start(worker) for _ in range(workers)]
    try:
        master = ["--master", "--master-bind-port", port, "--expect-workers", str(workers)]
        done = _run([*LOCUST, *master, *arguments(url, folder, options)])
        for each in started:
            each.communicate(timeout=20)
    finally:
        for each in started:
            each.kill()
            each.communicate()
    return Ran(done.returncode, done.stdout, folder)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _run(
    command: Sequence[str], cwd: Path = STRESS, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (env or {}),
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=STRESS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
