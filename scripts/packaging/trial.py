"""Trying the package out: the SDK reads it, and an empty environment installs and starts it."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

# In a process of its own: the SDK patches the one it is imported into, and looks for files in the working folder.
READ_WITH_SDK = """
from dify_plugin.core.entities.plugin.setup import PluginConfiguration
from dify_plugin.core.utils.yaml_loader import load_yaml_file
from dify_plugin.entities.model.provider import ModelProviderConfiguration
manifest = PluginConfiguration(**load_yaml_file("manifest.yaml"))
for path in manifest.plugins.models:
    ModelProviderConfiguration(**load_yaml_file(path))
"""
INSTALL_SECONDS = 600  # as long as the daemon gives an installation
START_SECONDS = 120  # and then the first heartbeat
LAST_LINES = 3


def sdk_problems(archive: Path) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        _unpack(archive, Path(folder))
        if words := _run([sys.executable, "-c", READ_WITH_SDK], Path(folder), START_SECONDS):
            yield f"the SDK cannot read it: {words}"


def install_problems(archive: Path) -> Iterator[str]:
    with TemporaryDirectory() as name:
        folder, venv = Path(name) / "plugin", Path(name) / "venv"
        _unpack(archive, folder)
        if words := _run([sys.executable, "-m", "venv", str(venv)], folder, INSTALL_SECONDS):
            yield f"no empty environment could be made: {words}"
        elif words := _run([*_pip(venv), "--require-hashes", "-r", "requirements.txt"], folder, INSTALL_SECONDS):
            yield f"its requirements cannot be installed (without a network, use --no-install-check): {words}"
        elif words := start(venv, folder):
            yield f"it does not start: {words}"


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def _pip(venv: Path) -> list[str]:
    return [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def _run(command: list[str], folder: Path, seconds: int) -> str:
    """Nothing when it went well, else its last words."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return f"still busy after {seconds} s"
    return _last_words(done.stderr or done.stdout or f"exit code {done.returncode}") if done.returncode else ""


def start(venv: Path, folder: Path, seconds: float = START_SECONDS) -> str:
    """Nothing when a heartbeat came, else the plugin's last words. It is never left running."""
    errors = folder / ".stderr"
    with errors.open("w") as stderr, _plugin(venv, folder, stderr.fileno()) as process:
        guard = Timer(seconds, process.kill)
        guard.start()
        try:
            alive = any(_is_heartbeat(line) for line in process.stdout or ())
        finally:
            guard.cancel()
            process.kill()
    return "" if alive else _last_words(errors.read_text(errors="replace") or "no heartbeat, and not a word why")


def _plugin(venv: Path, folder: Path, stderr: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(venv / "bin" / "python"), "-m", "main"],
        cwd=folder,
        env=_daemon_environment(venv, os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def _daemon_environment(venv: Path, outer: Mapping[str, str]) -> dict[str, str]:
    """As little as the daemon hands over: a plugin that needs more works here and nowhere else."""
    return {"PATH": f"{venv / 'bin'}:{outer['PATH']}", "VIRTUAL_ENV": str(venv), "INSTALL_METHOD": "local"}


def _is_heartbeat(line: str) -> bool:
    try:
        return json.loads(line).get("event") == "heartbeat"
    except (ValueError, AttributeError):
        return False


def _last_words(output: str) -> str:
    lines = [" ".join(line.split()) for line in output.splitlines() if line.strip()]
    return " / ".join(lines[-LAST_LINES:])
