"""Ollama's settings as options: one set for systemd, launchd and Windows."""

from pathlib import Path
from typing import Annotated

from typer import Option

from scripts.host import macos, windows
from scripts.host.delivery import Delivery, Quiet, Root, Write, Yes, deliver
from scripts.host.ollama import OllamaOptions, systemd_plan
from scripts.kit.command import AsJson

KeepAlive = Annotated[str, Option(help="How long a model stays loaded after a request; -1 for ever, '' leaves it.")]
ContextLength = Annotated[
    int, Option(help="Tokens of context for clients that do not say; Dify's plugin does. 0 leaves it.", min=0)
]
Parallel = Annotated[int | None, Option(help="Requests at once for each model; each takes context memory.", min=1)]
MaxLoaded = Annotated[int | None, Option("--max-loaded-models", help="Models in memory at once.", min=1)]
FlashAttention = Annotated[bool | None, Option("--flash-attention/--no-flash-attention", help="Else Ollama decides.")]
CacheType = Annotated[str, Option("--kv-cache-type", help="f16, q8_0 (half the memory) or q4_0 (a quarter).")]
Gpu = Annotated[str, Option(help="Which cards: 0 or 0,1 or a UUID; none for the CPU.")]
GpuKind = Annotated[str, Option(help="nvidia, amd or vulkan: they count their cards differently.")]
Origins = Annotated[
    list[str] | None, Option("--origin", help="A web page that may call Ollama, such as http://my.page; repeatable.")
]
Listen = Annotated[str, Option(metavar="ADDRESS", help="Another address than 127.0.0.1:11434; mind the warning.")]
Env = Annotated[
    list[str] | None, Option(metavar="NAME=VALUE", help="Any other variable; told if Ollama ignores it. Repeatable.")
]
KEEP_ALIVE, CONTEXT_LENGTH = "30m", 8192


def ollama(  # noqa: PLR0913, PLR0917 - options of a command line
    keep_alive: KeepAlive = KEEP_ALIVE,
    context_length: ContextLength = CONTEXT_LENGTH,
    parallel: Parallel = None,
    max_loaded_models: MaxLoaded = None,
    flash_attention: FlashAttention = None,
    kv_cache_type: CacheType = "",
    gpu: Gpu = "",
    gpu_kind: GpuKind = "nvidia",
    origin: Origins = None,
    listen: Listen = "",
    env: Env = None,
    write: Write = False,
    yes: Yes = False,
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Settings of Ollama's systemd service, as a drop-in that survives its updates.

    Example: python -m scripts host ollama --parallel 4 --kv-cache-type q8_0 --gpu 0 --write
    """
    deliver(
        "ollama",
        lambda machine: systemd_plan(
            OllamaOptions(
                keep_alive, context_length or None, parallel, max_loaded_models, flash_attention, kv_cache_type,
                gpu, gpu_kind, tuple(origin or ()), listen, tuple(env or ()),
            ),
            machine,
        ),
        Delivery(write, yes, root, as_json, quiet),
    )  # fmt: skip


def launchd(  # noqa: PLR0913, PLR0917
    keep_alive: KeepAlive = KEEP_ALIVE,
    context_length: ContextLength = CONTEXT_LENGTH,
    parallel: Parallel = None,
    max_loaded_models: MaxLoaded = None,
    flash_attention: FlashAttention = None,
    kv_cache_type: CacheType = "",
    origin: Origins = None,
    listen: Listen = "",
    env: Env = None,
    write: Write = False,
    yes: Yes = False,
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Settings of Ollama on macOS, as an agent that sets them at every login.

    Example: python -m scripts host launchd --keep-alive 1h --write
    """
    deliver(
        "launchd",
        lambda _: macos.ollama_plan(
            OllamaOptions(
                keep_alive, context_length or None, parallel, max_loaded_models, flash_attention, kv_cache_type,
                origins=tuple(origin or ()), listen=listen, env=tuple(env or ()),
            )
        ),
        Delivery(write, yes, root, as_json, quiet),
    )  # fmt: skip


def windows_command(  # noqa: PLR0913, PLR0917
    keep_alive: KeepAlive = KEEP_ALIVE,
    context_length: ContextLength = CONTEXT_LENGTH,
    parallel: Parallel = None,
    max_loaded_models: MaxLoaded = None,
    flash_attention: FlashAttention = None,
    kv_cache_type: CacheType = "",
    gpu: Gpu = "",
    gpu_kind: GpuKind = "nvidia",
    origin: Origins = None,
    listen: Listen = "",
    env: Env = None,
    write: Write = False,
    yes: Yes = False,
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Settings of Ollama on Windows and its firewall's rule, as a PowerShell script.

    Example: python -m scripts host windows --listen 0.0.0.0 > ollama-settings.ps1
    """
    deliver(
        "windows",
        lambda _: windows.ollama_plan(
            OllamaOptions(
                keep_alive, context_length or None, parallel, max_loaded_models, flash_attention, kv_cache_type,
                gpu, gpu_kind, tuple(origin or ()), listen, tuple(env or ()),
            )
        ),
        Delivery(write, yes, root, as_json, quiet),
    )  # fmt: skip
