"""Commands that are killed in the middle: Dify has done what they asked for, and they never learn of it.

Each is a process of its own, forked from one that has imported everything, because starting Python takes longer than
the command.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event

from tests.scripts.kit_runs import command
from tests.servers.dify import ADMIN_KEY, EMAIL, PASSWORD, WORKSPACE, ScriptedDify

BY_EMAIL = {"DIFY_EMAIL": EMAIL, "DIFY_PASSWORD": PASSWORD}
BY_KEY = {"DIFY_ADMIN_API_KEY": ADMIN_KEY, "DIFY_WORKSPACE_ID": WORKSPACE}


class Runner:
    """Runs one command after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def killed_after(self, dify: ScriptedDify, call: int, *arguments: str) -> bool:
        """Whether the command came that far; else it has ended by itself."""
        known, pid = Event(), 0

        def interrupt(number: int, when: str) -> None:
            if (number, when) == (call, "after"):
                known.wait(10)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

        dify.calls.clear()
        dify.interrupt = interrupt
        pid = int(self._ask(json.dumps(arguments)))
        known.set()
        code = int(self._process.stdout.readline())
        dify.interrupt = lambda number, when: None
        return code == -signal.SIGKILL

    def _ask(self, line: str) -> str:
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@contextmanager
def runner(**environment: str) -> Iterator[Runner]:
    started = {**command(**environment), "args": [sys.executable, "-m", __name__]}
    process = subprocess.Popen(**started, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Runner(process)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def kill_everywhere(difys: Sequence[ScriptedDify], arguments: Callable[[ScriptedDify], Sequence[str]]) -> list[bool]:
    """The command for each of them, killed after the first call at the first, and so on; and whether it was."""
    with runner(**BY_EMAIL) as one:
        return [one.killed_after(dify, call, *arguments(dify)) for call, dify in enumerate(difys, 1)]


def _serve() -> None:
    from scripts.__main__ import app  # noqa: PLC0415 - only the child process needs it

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            for number in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
            app(json.loads(line), prog_name="python -m scripts")
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    _serve()
