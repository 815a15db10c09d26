"""A service for each llama-server: one model, one port, one unit."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from provider.core.address import is_loopback
from scripts.host import units
from scripts.host.listening import listeners
from scripts.host.machine import Machine
from scripts.host.plan import HostFile, Plan
from scripts.host.rendering import render
from scripts.kit import exits
from scripts.kit.command import Stop

UNITS = Path("/etc/systemd/system")
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,40}", re.IGNORECASE)
KEY_CREDENTIAL = "api-key"
USUAL_PROGRAM = "/usr/local/bin/llama-server"
WANTED_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instance:
    """One llama-server. `context_length` is what one request may use; 0 is what the model was trained for."""

    name: str
    model: str
    port: int = 8080
    address: str = "127.0.0.1"
    context_length: int = 0
    parallel: int = 1
    gpu_layers: str = ""
    gpu: str = ""
    key_file: str = ""
    mmproj: str = ""
    task: str = "chat"
    program: str = ""
    user: str = ""

    @property
    def unit(self) -> str:
        return f"llama-server-{self.name}.service"

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(_arguments(self))


def llamacpp_plan(instance: Instance, machine: Machine) -> Plan:
    program = instance.program or shutil.which("llama-server") or USUAL_PROGRAM
    facts = {"instance": instance, "program": program, "credential": KEY_CREDENTIAL}
    return Plan(
        files=(HostFile(UNITS / instance.unit, render("llama-server.service", **facts)),),
        commands=("sudo systemctl daemon-reload", f"sudo systemctl enable --now {instance.unit}"),
        warnings=tuple(_warnings(instance, program, machine)),
        notes=tuple(_notes(instance)),
    )


def _arguments(instance: Instance) -> Iterator[str]:
    yield from ("--model", instance.model, "--alias", instance.name)
    yield from ("--host", instance.address, "--port", str(instance.port))
    if instance.context_length:  # llama.cpp divides it among its slots
        yield from ("--ctx-size", str(instance.context_length * instance.parallel))
    yield from ("--parallel", str(instance.parallel))
    if instance.gpu_layers:
        yield from ("--gpu-layers", instance.gpu_layers)
    if instance.mmproj:
        yield from ("--mmproj", instance.mmproj)
    if instance.task != "chat":
        length = str(instance.context_length or 8192)  # a longer text than the batch is refused
        yield from (f"--{instance.task}", "--batch-size", length, "--ubatch-size", length)


def check(instance: Instance, system: str = "linux") -> None:
    """Raises `Stop` for what no service could be made of."""
    if system not in ("linux", "macos"):
        raise Stop(f"--for must be linux or macos, not “{system}”", code=exits.USAGE)
    if not "".join(map(str, astuple(instance))).isprintable():
        raise Stop("an option holds a line break or another control character", code=exits.USAGE)
    if not NAME.fullmatch(instance.name):
        raise Stop(f"“{instance.name}” is no name for a service: use letters, digits, - and .", code=exits.USAGE)
    for option, path in (("--model", instance.model), ("--key-file", instance.key_file), ("--mmproj", instance.mmproj)):
        if path and not Path(path).is_absolute():
            raise Stop(f"{option} must be a whole path, because a service has no folder of its own", code=exits.USAGE)
    if instance.task not in ("chat", "embeddings", "reranking"):
        raise Stop("--task must be chat, embeddings or reranking", code=exits.USAGE)
    if instance.user and not WANTED_USER.fullmatch(instance.user):
        raise Stop(f"“{instance.user}” is no user name", code=exits.USAGE)


def _warnings(instance: Instance, program: str, machine: Machine) -> Iterator[str]:
    for path in (program, instance.model, instance.mmproj, instance.key_file):
        if path and not machine.path(path).exists():
            yield f"{path} does not exist here (or may not be seen by you)."
    for unit in sorted(machine.path(UNITS).glob("llama-server-*.service")):
        if unit.name != instance.unit and instance.port in _ports(unit.read_text(encoding="utf-8", errors="replace")):
            yield f"{unit.name} uses port {instance.port} too: choose another with --port."
    mine = machine.path(UNITS / instance.unit).exists()
    if not mine and any(each.port == instance.port for each in listeners(machine) or ()):
        yield f"Something listens on port {instance.port} already: choose another with --port."
    if not is_loopback(instance.address) and not instance.key_file:
        yield f"On {instance.address} llama-server answers everybody who reaches it: give it a key with --key-file."


def _ports(unit: str) -> list[int]:
    started = " ".join(command for _, command in units.entries(unit, "ExecStart"))
    return [int(port) for port in re.findall(r"--port[ =](\d+)", started)]


def _notes(instance: Instance) -> Iterator[str]:
    if instance.context_length and instance.parallel > 1:
        yield f"{instance.parallel} requests at once, each with {instance.context_length} tokens of context."
    if instance.key_file:
        yield f"The key is read from {instance.key_file}, which only root needs to be able to read (chmod 600)."
    if is_loopback(instance.address):
        yield f"For Dify in Docker on Linux: python -m scripts host forwarder --port {instance.port}"
