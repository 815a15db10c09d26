"""A machine with Docker's networks, in namespaces that end with the process that holds them; see topology.sh."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOLS = ("ip", "nft", "unshare", "nsenter", "mount", "sysctl", "socat")
SPACES = ("net", "mnt", "pid", "user")
LONGEST = 60  # seconds that a command may take; what takes longer has hung
CLEAN = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str
    seconds: float


class NoLab(Exception):
    """Why there can be none here."""


class Lab:
    """`folder` is for hosts files, and for what programs in there write to TMPDIR; it is the caller's to remove."""

    def __init__(self, folder: Path) -> None:
        if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
            raise NoLab(f"{', '.join(missing)} missing: .ci/tools installs what the lab needs")
        self.folder, self.scratch, self._writing = folder, folder / "scratch", threading.Lock()
        self.scratch.mkdir(parents=True)
        alone = [] if os.geteuid() == 0 and not os.environ.get("NETLAB_USERNS") else ["--user", "--map-root-user"]
        self._enter = ["--user", "--preserve-credentials"] if alone else []
        spaces = [*alone, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        build = f"sh {HERE / 'topology.sh'} >&2 && echo up && exec cat"  # cat ends when the lab is closed
        self._holder = subprocess.Popen(
            ["unshare", *spaces, "--propagation", "private", "sh", "-c", build],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if self._holder.stdout.readline() != "up\n":
            reason = self._holder.communicate(timeout=5)[1].strip().rpartition("\n")[2]
            raise NoLab(f"network namespaces are refused here: {reason}")
        (self.first,) = psutil.Process(self._holder.pid).children()
        self.spaces = {Path(f"/proc/{self.first.pid}/ns/{space}").readlink() for space in SPACES[: 4 if alone else 3]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The first process in there ends, and with it all others."""
        self._holder.communicate(timeout=10)

    def start(self, *command: str) -> subprocess.Popen:
        """On the lab's host; it ends with the lab at the latest."""
        enter = ["nsenter", f"--target={self.first.pid}", *self._enter, "--net", "--mount", "--pid"]
        return subprocess.Popen(
            [*enter, f"--wd={ROOT}", *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=CLEAN, cwd=ROOT,
        )  # fmt: skip

    def on_host(self, *command: str, text: str = "") -> Result:
        return _finished(self.start(*command), text)

    def run(
        self, container: str, *command: str, hosts: Mapping[str, str] = {}, dns: str = "", text: str = "", **env: str
    ) -> Result:
        """`hosts` are names with addresses, `dns` is the name server: by default one that knows no name."""
        variables = [f"{name}={value}" for name, value in {"TMPDIR": str(self.scratch), **env}.items()]
        files = [self._hosts(hosts), self._file(f"nameserver {dns or NO_NAMES}\n")]
        inside = ["sh", str(HERE / "inside.sh"), container, *files]
        return self.on_host(*inside, "env", *variables, *command, text=text)

    def _hosts(self, hosts: Mapping[str, str]) -> str:
        lines = ["127.0.0.1 localhost", *(f"{address}\t{name}" for name, address in hosts.items())]
        return self._file("\n".join([*lines, ""]))

    def _file(self, text: str) -> str:
        """The same text is the same file, for a file that others look at must not change."""
        path = self.folder / f"{abs(hash(text)):x}"
        with self._writing:
            if not path.exists():
                path.write_text(text)
        return str(path)


NO_NAMES, SILENT = "172.18.0.1", "192.168.50.10"  # name servers of the lab


def _finished(process: subprocess.Popen, text: str) -> Result:
    began = time.monotonic()
    try:
        out, err = process.communicate(text, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate(timeout=5)
    return Result(process.returncode, out, err, time.monotonic() - began)


def python(*arguments: str) -> Sequence[str]:
    return [sys.executable, *arguments]
