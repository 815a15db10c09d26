"""Ollama's settings: from what a person chooses to the variables its service gets."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from provider.core.address import candidates, host_and_port, is_loopback
from scripts.host import units, variables
from scripts.host.machine import Machine
from scripts.host.plan import HostFile, Plan
from scripts.host.rendering import render
from scripts.kit import exits
from scripts.kit.command import Stop

DROP_IN = Path("/etc/systemd/system/ollama.service.d/local-models.conf")
GPU_VARIABLES = {
    "nvidia": "CUDA_VISIBLE_DEVICES",
    "amd": "ROCR_VISIBLE_DEVICES",
    "vulkan": "GGML_VK_VISIBLE_DEVICES",
}
NO_GPU = "-1"
CARD = re.compile(r"-?\d+|(GPU|MIG)-[\w/-]+")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what a person may choose, and is warned of
LOOPBACK_IS_ENOUGH = (
    "Ollama stays on 127.0.0.1. For Dify in Docker on Linux: python -m scripts host forwarder; "
    "Docker Desktop and OrbStack reach it as it is."
)


@dataclass(frozen=True, slots=True)
class OllamaOptions:
    """What a person chooses; what is empty or `None` is left to Ollama."""

    keep_alive: str = ""
    context_length: int | None = None
    parallel: int | None = None
    max_loaded_models: int | None = None
    flash_attention: bool | None = None
    kv_cache_type: str = ""
    gpu: str = ""
    gpu_kind: str = "nvidia"
    origins: tuple[str, ...] = ()
    listen: str = ""
    env: tuple[str, ...] = ()


def environment(options: OllamaOptions) -> dict[str, str]:
    """The variables, without those that would do nothing.

    Raises:
        Stop: a value would be misread, or keep Ollama from starting.
    """
    chosen = {
        "OLLAMA_KEEP_ALIVE": options.keep_alive,
        "OLLAMA_CONTEXT_LENGTH": _text(options.context_length),
        "OLLAMA_NUM_PARALLEL": _text(options.parallel),
        "OLLAMA_MAX_LOADED_MODELS": _text(options.max_loaded_models),
        "OLLAMA_FLASH_ATTENTION": "" if options.flash_attention is None else str(int(options.flash_attention)),
        "OLLAMA_KV_CACHE_TYPE": options.kv_cache_type.lower(),
        "OLLAMA_ORIGINS": ",".join(options.origins),
        "OLLAMA_HOST": _listen(options.listen),
        **_gpu(options),
    }
    typed = variables.parse_pairs(options.env)
    values = {name: value for name, value in {**chosen, **typed}.items() if value}
    values = {name: value for name, value in values.items() if not variables.does_nothing(name)}
    variables.check(values)
    return values


def systemd_plan(options: OllamaOptions, machine: Machine) -> Plan:
    values = environment(options)
    host = host_of(values)
    content = render("ollama.conf", variables=values, after_docker=bool(host) and not is_loopback(host))
    return Plan(
        files=(HostFile(DROP_IN, content),),
        commands=("sudo systemctl daemon-reload", "sudo systemctl restart ollama"),
        warnings=(*warnings(options, values), *_overruled(values, machine)),
        notes=tuple(notes(values)),
    )


def warnings(options: OllamaOptions, values: Mapping[str, str]) -> Iterator[str]:
    """Names that do nothing, and choices with a price."""
    for name in variables.parse_pairs(options.env):
        if why := variables.does_nothing(name):
            yield f"Left out: {why}."
        elif not variables.is_known(name):
            yield f"{name} is none of Ollama's own variables; it is passed on to what runs the models."
    quantized = values.get("OLLAMA_KV_CACHE_TYPE", "f16") != "f16"
    if quantized and values.get("OLLAMA_FLASH_ATTENTION") in ("0", "f", "F", "FALSE", "false", "False"):
        yield "A quantized KV cache needs flash attention, which is switched off here."
    yield from _exposure(host_of(values))


def notes(values: Mapping[str, str]) -> Iterator[str]:
    if "OLLAMA_HOST" not in values:
        yield LOOPBACK_IS_ENOUGH
    if "OLLAMA_ORIGINS" in values:
        yield "Origins are for web pages that call Ollama from a browser; Dify needs none."
    parallel, length = values.get("OLLAMA_NUM_PARALLEL"), values.get("OLLAMA_CONTEXT_LENGTH")
    if parallel and length:
        yield f"Memory for {parallel} × {length} tokens of context is taken for each loaded model."


def host_of(values: Mapping[str, str]) -> str:
    """The address it will listen on; empty when that was not chosen."""
    address = values.get("OLLAMA_HOST", "")
    return host_and_port(f"http://{address}")[0] if address else ""


def _exposure(host: str) -> Iterator[str]:
    if host in EVERYWHERE:
        yield (
            f"On {host} Ollama serves every network this machine is in, IPv6 too, and asks for no key: anybody there "
            "may run, pull and delete models. Close the port (python -m scripts host firewall), or leave Ollama on "
            "127.0.0.1 and use python -m scripts host forwarder."
        )
    elif host and not is_loopback(host):
        yield f"The command ollama then needs OLLAMA_HOST={host} too, and Ollama's check of host names is off."


def _overruled(values: Mapping[str, str], machine: Machine) -> Iterator[str]:
    """What other files of the service say already: of drop-ins the last name wins."""
    for line in units.environment_of("ollama", machine):
        if line.path == DROP_IN:
            continue
        if why := variables.does_nothing(line.name):
            yield f"{line.path} sets a name that does nothing: {why}."
        elif line.name in values and line.path.parent == DROP_IN.parent and line.path.name > DROP_IN.name:
            yield f"{line.path} sets {line.name} too, and wins over this file: remove it there."


def _gpu(options: OllamaOptions) -> dict[str, str]:
    if not options.gpu:
        return {}
    if options.gpu_kind not in GPU_VARIABLES:
        raise Stop(f"--gpu-kind must be one of {', '.join(GPU_VARIABLES)}", code=exits.USAGE)
    typed = NO_GPU if options.gpu.lower() in ("none", "no", "cpu") else options.gpu
    cards = [card.strip() for card in typed.split(",")]
    if not all(CARD.fullmatch(card) for card in cards):
        raise Stop(f"--gpu takes numbers or UUIDs of cards, as 0 or 0,1, or none; not “{typed}”", code=exits.USAGE)
    return {GPU_VARIABLES[options.gpu_kind]: ",".join(cards)}


def _listen(typed: str) -> str:
    """Always with a port and without a scheme: Ollama reads http://0.0.0.0 as port 80."""
    bare = typed.strip().removeprefix("http://")
    if not bare:
        return ""
    if "://" in bare:
        raise Stop("--listen wants an address such as 172.17.0.1:11434; Ollama speaks no TLS", code=exits.USAGE)
    host, port = host_and_port(candidates(bare, "ollama")[0])
    host = next((each for each in EVERYWHERE if bare.strip("[]").startswith(each)), host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def shell_words(values: Mapping[str, str]) -> str:
    """`NAME=VALUE …` as a shell reads it."""
    return " ".join(f"{name}={shlex.quote(value)}" for name, value in values.items())
