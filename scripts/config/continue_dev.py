"""Continue, in the editor: its config.yaml."""

from collections.abc import Iterator
from typing import Any

from scripts.config.world import KEY, NO_KEY, Client, Model, ModelServer, World, as_yaml, heading

ROLES = {"llm": ["chat", "edit", "apply"], "text-embedding": ["embed"]}
LEFT_OUT = "Continue ranks and speaks only with other services: {} left out."


def _render(world: World) -> str:
    models = [_entry(world, *each) for each in world.models() if each[2] in ROLES]
    config = {"name": "Local models", "version": "1.0.0", "schema": "v1", "models": models}
    return heading("continue", world, "Save it as ~/.continue/config.yaml") + as_yaml(config)


def _entry(world: World, server: ModelServer, model: Model, kind: str) -> dict[str, Any]:
    entry = {
        "name": model.name if len(world.servers) == 1 else f"{model.name} ({server.label})",
        "provider": "ollama" if server.is_ollama else "openai",
        "model": model.name,
        "apiBase": server.url if server.is_ollama else server.v1,
        "apiKey": f"${{{{ secrets.{KEY} }}}}" if world.has_key else NO_KEY,
        "roles": ROLES[kind],
    }
    if server.is_ollama and not world.has_key:
        del entry["apiKey"]
    return entry | (_chat(model) if kind == "llm" else {})


def _chat(model: Model) -> dict[str, Any]:
    """Capabilities that the server told replace those that Continue would guess from the name."""
    told = {"tool_use": model.info.tools, "image_input": model.info.vision}
    facts: dict[str, Any] = {}
    if any(value is not None for value in told.values()):
        facts["capabilities"] = [name for name, able in told.items() if able]
    if model.info.context_length:
        facts["defaultCompletionOptions"] = {"contextLength": model.info.context_length}
    return facts


def _notes(world: World) -> Iterator[str]:
    others = [f"{model.name}" for _, model, kind in world.models() if kind not in ROLES]
    if others:
        yield LEFT_OUT.format(", ".join(others))
    if world.has_key:
        yield f"Continue reads the key from ~/.continue/.env: a line {KEY}=…"


CONTINUE = Client("continue", "config.yaml", "yaml", _render, _notes)
