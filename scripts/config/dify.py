"""Dify: what to type into the plugin's form for each model."""

from collections.abc import Iterator
from typing import Any

from scripts.config.world import KEY, Client, Model, ModelServer, World, as_yaml, heading
from scripts.dify.ours import our_provider
from scripts.sync.wanted import name_in_dify

BY_ITSELF = "All of it at once: python -m scripts sync"


def _render(world: World) -> str:
    entries = [_entry(world, *each) for each in world.models()]
    where = "Settings → Model Provider → Local Models → Add Model, once for each entry"
    return heading("dify", world, where) + as_yaml({"provider": our_provider(), "models": entries})


def _entry(world: World, server: ModelServer, model: Model, kind: str) -> dict[str, Any]:
    name = name_in_dify(model.name)
    credentials = {"base_url": world.from_container(server.url), "server": server.kind}
    credentials |= {"api_key": f"${{{KEY}}}"} if world.has_key else {}
    credentials |= {"model_name": model.name} if name != model.name else {}
    return {"model": name, "model_type": kind, "credentials": credentials}


def _notes(world: World) -> Iterator[str]:
    yield BY_ITSELF
    if any(world.from_container(server.url) != server.url for server in world.servers):
        yield f"Dify's containers call this machine {world.host}. On Linux: python -m scripts host forwarder"
    if world.has_key:
        yield f"Where it says ${{{KEY}}}, type the key itself."


DIFY = Client("dify", "local-models-in-dify.yaml", "yaml", _render, _notes)
