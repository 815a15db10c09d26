"""Open WebUI: a file for Docker Compose."""

from collections.abc import Iterator
from typing import Any

from scripts.config.world import KEY, NO_KEY, Client, World, as_yaml, heading, key_note

IMAGE = "ghcr.io/open-webui/open-webui:main"
ONCE = (
    "Open WebUI reads these variables at its first start only and then keeps them in its database; with "
    "ENABLE_PERSISTENT_CONFIG=false they count at every start."
)


def _render(world: World) -> str:
    service = {
        "image": IMAGE,
        "ports": ["127.0.0.1:3000:8080"],
        "volumes": ["open-webui:/app/backend/data"],
        "extra_hosts": [f"{world.host}:host-gateway"],
        "environment": _environment(world),
    }
    compose = {"services": {"open-webui": service}, "volumes": {"open-webui": {}}}
    return heading("open-webui", world, "Start it: docker compose -f open-webui.yaml up -d") + as_yaml(compose)


def _environment(world: World) -> dict[str, Any]:
    """Lists are separated by semicolons."""
    ollama = [world.from_container(server.url) for server in world.servers if server.is_ollama]
    others = [world.from_container(server.v1) for server in world.servers if not server.is_ollama]
    key = f"${{{KEY}}}" if world.has_key else NO_KEY
    variables = {"ENABLE_OLLAMA_API": str(bool(ollama)).lower(), "ENABLE_OPENAI_API": str(bool(others)).lower()}
    variables |= {"OLLAMA_BASE_URLS": ";".join(ollama)} if ollama else {}
    if others:
        variables |= {"OPENAI_API_BASE_URLS": ";".join(others), "OPENAI_API_KEYS": ";".join([key] * len(others))}
    return variables | ({"DEFAULT_MODELS": world.chosen[1].name} if world.chosen else {})


def _notes(world: World) -> Iterator[str]:
    yield ONCE
    if any(world.from_container(server.url) != server.url for server in world.servers):
        yield f"The container calls this machine {world.host}. On Linux: python -m scripts host forwarder"
    yield from key_note(world)
    if world.has_key and any(server.is_ollama for server in world.servers):
        yield "For a key in front of Ollama: Admin Settings → Connections → Ollama; there is no variable for it."


OPEN_WEBUI = Client("open-webui", "open-webui.yaml", "yaml", _render, _notes)
