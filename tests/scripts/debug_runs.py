"""The command `debug` as a process of its own, in a folder that is a checkout of the plugin but for its `.env`."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.scripts.kit_runs import ROOT, command

PLUGIN = ("_assets", "main.py", "manifest.yaml", "provider", ".difyignore")


def checkout(folder: Path, env: str | bytes | None = None) -> Path:
    """Its sources are links to ours; `env` is what stands in `.env`."""
    for name in PLUGIN:
        (folder / name).symlink_to(ROOT / name)
    if env is not None:
        path = folder / ".env"
        path.write_bytes(env if isinstance(env, bytes) else env.encode())
        path.chmod(0o600)
    return folder


class Running:
    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process, self._log = process, log

    @property
    def text(self) -> str:
        """All it has written so far, wherever."""
        return self._log.read_text()

    def wait_for(self, words: str, times: int = 1, patience: float = 20) -> None:
        until = time.monotonic() + patience
        while self.text.count(words) < times:
            assert time.monotonic() < until, f"{words!r} did not come:\n{self.text}"
            time.sleep(0.05)


@contextmanager
def debugging(folder, *arguments, **environment):
    """Runs until the block ends; its output goes to a file, so that nothing waits for us to read it."""
    log = folder / "output.txt"
    with log.open("w") as file:
        how = command("debug", "--root", str(folder), *arguments, **environment)
        process = subprocess.Popen(**how, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        yield Running(process, log)
    finally:
        process.terminate()
        process.wait(10)


def assert_sdk_reads(folder, variables, expected):
    """What the SDK itself makes of these variables in a folder with a `.env`; in a process, as it patches its own."""
    program = (
        "from dify_plugin import DifyPluginEnv, Plugin; e = DifyPluginEnv();"
        "print((e.INSTALL_METHOD.name, *Plugin._get_remote_install_host_and_port(e), e.REMOTE_INSTALL_KEY))"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == repr(expected)
