"""LM Studio without its window: its own daemon as a service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.host.machine import Machine
from scripts.host.plan import HostFile, Plan
from scripts.host.rendering import render
from scripts.kit import exits
from scripts.kit.command import Stop

UNIT = Path("/etc/systemd/system/lmstudio.service")
USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.IGNORECASE)
MODEL = re.compile(r"[\w./@:-]+")
WITH_A_WINDOW = (
    "With LM Studio's window open none of this is needed: Settings → “Run LLM server on login”, and Developer → "
    "Start server."
)
JUST_IN_TIME = "Without --model a model is loaded by the first request for it, if “Just-in-Time Model Loading” is on."


@dataclass(frozen=True, slots=True)
class LMStudioOptions:
    """`home` is the home folder of `user`, where LM Studio keeps its programs and models."""

    user: str
    home: Path
    port: int = 1234
    models: tuple[str, ...] = ()
    context_length: int | None = None

    @property
    def lms(self) -> str:
        return str(self.home / ".lmstudio/bin/lms")


def lmstudio_plan(options: LMStudioOptions, machine: Machine) -> Plan:
    _check(options)
    return Plan(
        files=(HostFile(UNIT, render("lmstudio.service", options=options)),),
        commands=("sudo systemctl daemon-reload", f"sudo systemctl enable --now {UNIT.name}"),
        warnings=tuple(_warnings(options, machine)),
        notes=tuple(_notes(options)),
    )


def _check(options: LMStudioOptions) -> None:
    if not USER.fullmatch(options.user):
        raise Stop(f"“{options.user}” is no user name", code=exits.USAGE)
    if wrong := next((model for model in options.models if not MODEL.fullmatch(model)), ""):
        raise Stop(f"“{wrong}” is no model of LM Studio such as openai/gpt-oss-20b", code=exits.USAGE)


def _warnings(options: LMStudioOptions, machine: Machine) -> Iterator[str]:
    if not machine.path(options.lms).exists():
        yield f"{options.lms} does not exist here: install LM Studio's daemon as {options.user}, see lmstudio.ai."


def _notes(options: LMStudioOptions) -> Iterator[str]:
    if not options.models:
        yield JUST_IN_TIME
    yield WITH_A_WINDOW
    yield (
        "The server listens on 127.0.0.1 unless “Serve on Local Network” is on. "
        f"For Dify in Docker on Linux: python -m scripts host forwarder --port {options.port}"
    )
