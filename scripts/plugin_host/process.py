"""The plugin's process: how it is started, read, and never left behind."""

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import psutil

from scripts.plugin_host.errors import NotStarted, PluginGone

DIE_WITH_PARENT = Path(__file__).parent / "die_with_parent.py"
STDOUT_BUFFER = 1 << 20
STDERR_LINES, STDERR_LINE = 200, 4096  # how many are kept, and the longest in bytes
END_SECONDS = 2.0  # from the end of its output to its own end
INIT = 1


def spawn(root: Path, python: str | Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the plugin in `root` as Dify's daemon does."""
    if os.getpid() == INIT:
        raise NotStarted("the SDK ends when its parent is process 1; start this with an init, as `docker run --init`")
    return subprocess.Popen(
        [*_guard(python), str(python), "-m", "main"],
        cwd=root,
        env={**env, "INSTALL_METHOD": "local"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=STDOUT_BUFFER,
        start_new_session=True,  # a Ctrl-C in the terminal is for us; we end the plugin in our own time
    )


def _guard(python: str | Path) -> list[str]:
    """Elsewhere than on Linux the SDK itself notices that it was orphaned, as its parent is process 1 then."""
    if sys.platform != "linux":
        return []
    return [str(python), "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())]


class PluginProcess:
    """Hands each line of its stdout to `on_line`, on a thread of its own, and calls `on_end` after the last."""

    def __init__(
        self, start: Callable[[], subprocess.Popen[bytes]], on_line: Callable[[bytes], None], on_end: Callable[[], None]
    ) -> None:
        self._on_line, self._on_end = on_line, on_end
        self._stderr: deque[bytes] = deque(maxlen=STDERR_LINES)
        self._writing = threading.Lock()
        started: SimpleQueue[subprocess.Popen[bytes] | Exception] = SimpleQueue()
        self._reader = _thread("plugin stdout", self._live, start, started)
        match started.get():
            case subprocess.Popen() as popen:
                self._popen = popen
            case error:
                raise NotStarted(f"the plugin could not be started ({error})") from error

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """`None` while it runs."""
        return self._popen.poll()

    @property
    def stderr(self) -> str:
        """The last lines it wrote there."""
        return b"".join(self._stderr).decode(errors="replace")

    def write(self, line: bytes) -> None:
        stdin = _pipe(self._popen.stdin)
        try:
            with self._writing:
                stdin.write(line)
                stdin.flush()
        except (OSError, ValueError) as error:  # a broken pipe, or one that `close` has closed
            raise PluginGone(f"the plugin reads no more requests ({error})") from error

    def close(self) -> None:
        """Kill it. When only its stdin ended, the SDK would keep a core busy and live on."""
        self._popen.kill()
        self._popen.wait()
        self._reader.join(END_SECONDS)
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            with suppress(OSError):  # a request that was only half written
                _pipe(pipe).close()

    def rss_bytes(self) -> int:
        return psutil.Process(self.pid).memory_info().rss

    def cpu_seconds(self) -> float:
        """Used since its start, by its own code and by the kernel for it."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system

    def _live(
        self, start: Callable[[], subprocess.Popen[bytes]], started: SimpleQueue[subprocess.Popen[bytes] | Exception]
    ) -> None:
        """Start and read it on one thread: to this thread, not to our process, the kernel ties its life."""
        try:
            popen = start()
        except (OSError, NotStarted) as error:
            started.put(error)
            return
        started.put(popen)
        stderr_reader = _thread("plugin stderr", self._keep_stderr, _pipe(popen.stderr))
        try:
            for line in _pipe(popen.stdout):
                self._on_line(line)
        finally:
            _reap(popen)
            stderr_reader.join(END_SECONDS)
            self._on_end()

    def _keep_stderr(self, stderr: IO[bytes]) -> None:
        for line in iter(partial(stderr.readline, STDERR_LINE), b""):
            self._stderr.append(line)


def _reap(popen: subprocess.Popen[bytes]) -> None:
    """Without its output it is of no use, as for Dify's daemon."""
    try:
        popen.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()


def _thread(name: str, target: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(name=name, target=target, args=args, daemon=True)
    thread.start()
    return thread


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise TypeError("the process was started without this pipe")
    return pipe
