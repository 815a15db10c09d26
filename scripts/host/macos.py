"""macOS: agents of launchd, which start with the person's session."""

import plistlib
from pathlib import Path
from typing import Any

from scripts.host import ollama
from scripts.host.llamacpp import Instance
from scripts.host.ollama import OllamaOptions
from scripts.host.plan import HostFile, Plan

AGENTS = Path("Library/LaunchAgents")
OLLAMA_LABEL = "local-models.ollama-environment"
RESTART_OLLAMA = "osascript -e 'quit app \"Ollama\"'; sleep 2; open -a Ollama"
NOTE = (
    "Docker Desktop and OrbStack reach a server on 127.0.0.1 as host.docker.internal: for Dify it need not listen "
    "anywhere else."
)


def ollama_plan(options: OllamaOptions) -> Plan:
    """Variables for every program of the session: `launchctl setenv` alone is lost at the next start."""
    values = ollama.environment(options)
    commands = "; ".join(f"/bin/launchctl setenv {word.replace('=', ' ', 1)}" for word in _words(values))
    agent = {"Label": OLLAMA_LABEL, "ProgramArguments": ["/bin/sh", "-c", commands], "RunAtLoad": True}
    return Plan(
        files=(_file(OLLAMA_LABEL, agent),),
        commands=(*_load(OLLAMA_LABEL), RESTART_OLLAMA),
        warnings=tuple(ollama.warnings(options, values)),
        notes=(NOTE,),
    )


def llamacpp_plan(instance: Instance, program: str) -> Plan:
    """llama-server as an agent that is started again when it ends."""
    label = f"local-models.llama-server.{instance.name}"
    log = str(Path.home() / "Library/Logs" / f"{label}.log")
    key = ["--api-key-file", instance.key_file] if instance.key_file else []
    agent = {
        "Label": label,
        "ProgramArguments": [program, *instance.arguments, *key],
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    return Plan(files=(_file(label, agent),), commands=_load(label), notes=(NOTE,))


def _words(values: dict[str, str]) -> list[str]:
    return [ollama.shell_words({name: value}) for name, value in values.items()]


def _path(label: str) -> Path:
    return Path.home() / AGENTS / f"{label}.plist"


def _file(label: str, agent: dict[str, Any]) -> HostFile:
    return HostFile(_path(label), plistlib.dumps(agent).decode())


def _load(label: str) -> tuple[str, ...]:
    """`bootout` fails when it was not loaded yet, which is no matter."""
    return (
        f"launchctl bootout gui/$(id -u)/{label} 2>/dev/null",
        f"launchctl bootstrap gui/$(id -u) '{_path(label)}'",
    )
