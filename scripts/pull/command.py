"""The command: flags, what is printed, exit codes."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Exit, Option

from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, Stop, speaking
from scripts.kit.settings import Settings, read_settings
from scripts.ollama_service import OllamaService
from scripts.pull.running import End, Wish, pull_all, wanted
from scripts.pull.screen import Screen, interruption
from scripts.pull.target import find_ollama


def pull(  # noqa: PLR0913, PLR0917 - flags
    names: Annotated[list[str], Argument(metavar="NAME", help="Models: qwen3:4b, hf.co/USER/REPO:Q4_K_M, …")],
    server: Annotated[str, Option(help="Ollama's address, else that of the settings, else this machine's.")] = "",
    parallel: Annotated[int, Option(min=1, help="Models at once.")] = 2,
    insecure: Annotated[bool, Option("--insecure", help="Allow a registry without TLS.")] = False,
    config: Annotated[Path | None, Option(help="A YAML file with settings, else local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Let Ollama download models, with a bar for each of their layers.

    What is cut short is kept: the same command goes on from there.

    Exit code: 0 all models are there, 1 one is not (the reason is told), 2 usage, 130 Ctrl-C.

    Example: python -m scripts pull qwen3:4b nomic-embed-text
    """
    with speaking(as_json=as_json, quiet=quiet) as output:
        settings = read_settings(config)
        if not all(map(str.strip, names)):
            raise Stop("an empty name is no model", code=exits.USAGE)
        with output.doing("Looking for Ollama"):
            url = find_ollama(server, settings)
        output.say(f"Ollama at {url}")
        ends: dict[str, End] = {}
        screen = Screen(output)
        try:
            with screen.progress:
                asyncio.run(_pull(url, settings, Wish(wanted(names), parallel, insecure), screen, ends))
        except KeyboardInterrupt:
            fix = "The same command goes on from there."
            raise Stop(interruption(iter(ends.values())), fix, exits.INTERRUPTED, **_facts(url, ends)) from None
        code = exits.READY if all(end.ok for end in ends.values()) else exits.PROBLEM
        output.result({"ok": code == exits.READY, "exit_code": code, **_facts(url, ends)})
        if code:
            raise Exit(code)


async def _pull(url: str, settings: Settings, wish: Wish, screen: Screen, ends: dict[str, End]) -> None:
    async with OllamaService(
        url,
        timeout=settings.ollama_timeout,
        max_connections=max(settings.ollama_max_connections, wish.parallel + 1),
        api_key=settings.local_models_api_key.get_secret_value(),
    ) as service:
        await pull_all(service, wish, screen, ends)


def _facts(url: str, ends: dict[str, End]) -> dict[str, Any]:
    return {"server": url, "models": [end.facts() for end in ends.values()]}
