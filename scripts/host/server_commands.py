"""Services for llama.cpp and LM Studio, as options."""

import getpass
import os
import shutil
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from scripts.host import macos
from scripts.host.delivery import Delivery, Quiet, Root, Write, Yes, deliver
from scripts.host.llamacpp import Instance, check, llamacpp_plan
from scripts.host.lmstudio import LMStudioOptions, lmstudio_plan
from scripts.host.machine import Machine
from scripts.host.plan import Plan
from scripts.kit.command import AsJson

BREW = "/opt/homebrew/bin/llama-server"


def llamacpp(  # noqa: PLR0913, PLR0917 - options of a command line
    name: Annotated[str, Argument(help="Name of this server, of its service, and of its model for clients.")],
    model: Annotated[str, Option(help="Path of the GGUF file.")],
    port: Annotated[int, Option(help="A port of its own.", min=1, max=65535)] = 8080,
    address: Annotated[str, Option(help="Where it listens.")] = "127.0.0.1",
    context_length: Annotated[
        int, Option(help="Tokens for one request; 0: what the model was trained for.", min=0)
    ] = 0,
    parallel: Annotated[int, Option(help="Requests at once.", min=1)] = 1,
    gpu_layers: Annotated[str, Option(help="Layers on the GPU: a number, auto or all; else llama.cpp decides.")] = "",
    gpu: Annotated[str, Option(help="Which NVIDIA cards: 0 or 0,1; none for the CPU.")] = "",
    key_file: Annotated[str, Option(help="Path of a file with the API key; clients must then send it.")] = "",
    mmproj: Annotated[str, Option(help="Path of the projector, for pictures.")] = "",
    task: Annotated[str, Option(help="chat, embeddings or reranking.")] = "chat",
    program: Annotated[str, Option(help="Path of llama-server; else the one on PATH.")] = "",
    user: Annotated[str, Option(help="Run as this user; else as one that exists only while it runs.")] = "",
    system: Annotated[str, Option("--for", help="linux or macos.")] = "linux",
    write: Write = False,
    yes: Yes = False,
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """A service for one llama-server; run it again with another name and port for the next.

    Example: python -m scripts host llamacpp qwen3 --model /srv/models/qwen3-4b.gguf --port 8080 --gpu-layers all
    """
    instance = Instance(
        name, model, port, address, context_length, parallel, gpu_layers, gpu, key_file, mmproj, task, program, user
    )
    deliver("llamacpp", lambda machine: _plan(instance, system, machine), Delivery(write, yes, root, as_json, quiet))


def lmstudio(  # noqa: PLR0913, PLR0917
    user: Annotated[str, Option(help="Who installed LM Studio; else you.")] = "",
    model: Annotated[list[str] | None, Option(help="A model to load at the start. Repeatable.")] = None,
    context_length: Annotated[int | None, Option(help="Tokens of context for these models.", min=1)] = None,
    port: Annotated[int, Option(min=1, max=65535)] = 1234,
    write: Write = False,
    yes: Yes = False,
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """A service for LM Studio's daemon, which needs no window.

    Example: python -m scripts host lmstudio --model openai/gpt-oss-20b --write
    """
    deliver(
        "lmstudio",
        lambda machine: lmstudio_plan(_options(user, port, model, context_length), machine),
        Delivery(write, yes, root, as_json, quiet),
    )


def _plan(instance: Instance, system: str, machine: Machine) -> Plan:
    check(instance, system)
    if system == "macos":
        return macos.llamacpp_plan(instance, instance.program or shutil.which("llama-server") or BREW)
    return llamacpp_plan(instance, machine)


def _options(user: str, port: int, models: list[str] | None, context_length: int | None) -> LMStudioOptions:
    """Under sudo the person is who called it, not root."""
    name = user or os.environ.get("SUDO_USER") or getpass.getuser()
    home = Path(os.path.expanduser(f"~{name}"))  # noqa: PTH111 - Path.expanduser raises for a user of another machine
    return LMStudioOptions(
        name, home if home.is_absolute() else Path("/home", name), port, tuple(models or ()), context_length
    )
