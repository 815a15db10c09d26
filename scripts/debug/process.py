"""The plugin's process: its lines as they come, with the key taken out, and its end with ours."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from scripts.debug.secret import Secret
from scripts.plugin_host.process import DIE_WITH_PARENT

LONGEST = 4096  # characters of a line that are shown
OURS = ("DIFY_EMAIL", "DIFY_PASSWORD", "DIFY_PASSWORD_FILE", "DIFY_ADMIN_API_KEY", "DIFY_WORKSPACE_ID")


class PluginProcess:
    """Start it on the main thread: to the thread that starts it the kernel ties its life."""

    def __init__(self, root: Path, variables: Mapping[str, str], secret: Secret) -> None:
        kept = {name: value for name, value in os.environ.items() if name.upper() not in OURS}
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._popen = subprocess.Popen(
            [*_guard(), sys.executable, "-m", "main"],
            cwd=root,
            env={**kept, "PYTHONUNBUFFERED": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in the terminal is for us; we end it in our own time
        )
        threading.Thread(target=self._read, args=(self._popen.stdout, secret), daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def line(self, patience: float) -> str | None:
        """The next line it wrote, empty when none came in time; `None` when it has ended."""
        try:
            return self._lines.get(timeout=patience)
        except Empty:
            return ""

    def close(self) -> int:
        """Kill it, if it still runs. The exit code it ended with."""
        self._popen.kill()
        return self._popen.wait()

    def _read(self, stdout: IO[bytes] | None, secret: Secret) -> None:
        with suppress(ValueError):
            for line in stdout or ():
                self._lines.put(secret.hide(line.decode(errors="replace").rstrip()[:LONGEST]) or " ")
        self._popen.wait()
        self._lines.put(None)


def _guard() -> list[str]:
    """Elsewhere than on Linux it outlives a command that was killed by force."""
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())]
