"""Runs the paced server in a process of its own, so that it does not share a core's lock with who is measured."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
READY = "READY "
STOP_SECONDS = 5.0


class PacedServer:
    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self, *, reset: bool = False) -> dict[str, Any]:
        """What was served since the start or the last reset; see `paced_stream.Stats`."""
        connection = HTTPConnection(self.url.removeprefix("http://"))
        try:
            connection.request("POST" if reset else "GET", "/stats")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def paced_server(**options: float | str) -> Iterator[PacedServer]:
    """The options are those of `python -m tests.servers.paced`: port, chunks, pause, text."""
    arguments = [f"--{name}={value}" for name, value in options.items()]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers.paced", "--watch-stdin", *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,  # it ends when we end, and with it the server
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield PacedServer(process.stdout.readline().removeprefix(READY).strip())
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
