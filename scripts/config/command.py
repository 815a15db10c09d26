"""The command: which client, which servers, and where the text goes."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from typer import Option, Typer

from scripts.config.continue_dev import CONTINUE
from scripts.config.dify import DIFY
from scripts.config.litellm import LITELLM
from scripts.config.metagpt import METAGPT
from scripts.config.open_webui import OPEN_WEBUI
from scripts.config.openai_client import OPENAI
from scripts.config.qwen_agent import QWEN_AGENT
from scripts.config.servers import choose, found_servers
from scripts.config.world import Client, ModelServer, World
from scripts.kit.command import AsJson, Stop, speaking
from scripts.kit.output import Output
from scripts.kit.settings import Settings, read_settings
from scripts.sync.seen import USUAL_HOSTS, checked_host

CLIENTS = (DIFY, OPENAI, QWEN_AGENT, METAGPT, LITELLM, CONTINUE, OPEN_WEBUI)
GET_ONE = "Get one: python -m scripts pull qwen3:4b"

config = Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=(
        "Ready configuration for other clients of the same servers, with the models that are really there. The text is "
        "on stdout, notes are on stderr, and no key is in it.\n\n"
        "Example: python -m scripts config litellm > config.yaml"
    ),
)


def _command(client: Client) -> Callable[..., None]:
    def make(  # noqa: PLR0913, PLR0917 - options of a command line
        server: Annotated[
            str,
            Option(help="Addresses as in the plugin's form; else the settings, else the usual ports of this machine."),
        ] = "",
        model: Annotated[str, Option(help="Only this model; else all, or the loaded one where one is wanted.")] = "",
        host: Annotated[str, Option(metavar="HOST", help="What containers call this machine.")] = "",
        config: Annotated[Path | None, Option(help="A YAML file with settings, else local-models.yaml.")] = None,
        as_json: AsJson = False,
        quiet: Annotated[bool, Option("--quiet", "-q", help="Only the text, and errors; no notes.")] = False,
    ) -> None:
        with speaking(as_json=as_json, quiet=quiet) as output:
            settings = read_settings(config)
            _print(client, _world(client, server, model, host, settings), output)

    file = f"{client.name} --server http://127.0.0.1:11434 > {client.file}"
    make.__doc__ = f"{_about(client)}\n\nExample: python -m scripts config {file}"
    return make


def _world(client: Client, server: str, model: str, host: str, settings: Settings) -> World:
    seen = checked_host(host or settings.dify_sees_servers_at) or USUAL_HOSTS[0]
    servers = found_servers(server, settings)
    chosen, servers = choose(servers, model, settings)
    left_out = "".join(f"; {each}" for server in servers for each in server.left_out)
    if client.wants_one and chosen is None:
        raise Stop(f"{client.name} needs a chat model, and there is none{left_out}", "" if left_out else GET_ONE)
    if not any(each.models for each in servers):
        raise Stop(f"the servers have no models that can be used{left_out}", "" if left_out else GET_ONE)
    return World(servers, chosen, bool(settings.local_models_api_key.get_secret_value()), seen)


def _print(client: Client, world: World, output: Output) -> None:
    text, notes = client.render(world), list(client.notes(world))
    left_out = [f"Left out: {each}" for server in _shown(client, world) for each in server.left_out]
    if not output.as_json:
        sys.stdout.write(text)
        sys.stdout.flush()
        for warning in left_out:
            output.warn(warning)
        for note in notes:
            output.note(note)
    output.result(
        {"ok": True, "client": client.name, "content": text, **_facts(client, world), "notes": [*left_out, *notes]}
    )


def _facts(client: Client, world: World) -> dict[str, Any]:
    return {
        "file": client.file,
        "format": client.format,
        "servers": [{"url": each.url, "kind": each.kind, "label": each.label} for each in world.servers],
        "models": [{"name": model.name, "type": kind, "url": server.url} for server, model, kind in world.models()],
        "model": world.chosen[1].name if world.chosen else None,
    }


def _shown(client: Client, world: World) -> tuple[ModelServer, ...]:
    """Who takes one model is not told of others."""
    return () if client.wants_one else world.servers


def _about(client: Client) -> str:
    """The first line of the client's own module."""
    module = sys.modules[client.render.__module__]
    return (module.__doc__ or client.name).splitlines()[0]


for each in CLIENTS:
    config.command(each.name)(_command(each))
