"""LiteLLM's proxy: its config.yaml."""

from collections.abc import Iterator
from typing import Any

from scripts.config.world import KEY, NO_KEY, Client, Model, ModelServer, World, as_yaml, heading, key_note

MODES = {
    "llm": "chat",
    "text-embedding": "embedding",
    "rerank": "rerank",
    "speech2text": "audio_transcription",
    "tts": "audio_speech",
}


def _render(world: World) -> str:
    entries = [_entry(world, *each) for each in world.models()]
    return heading("litellm", world, "Start it: litellm --config config.yaml") + as_yaml({"model_list": entries})


def _entry(world: World, server: ModelServer, model: Model, kind: str) -> dict[str, Any]:
    parameters = {
        "model": _route(server, model, kind),
        "api_base": server.url if _is_native(server, kind) else server.v1,
    }
    if world.has_key or not _is_native(server, kind):
        parameters["api_key"] = f"os.environ/{KEY}" if world.has_key else NO_KEY
    native_chat = _is_native(server, kind) and kind == "llm"
    return {
        "model_name": model.name,
        "litellm_params": {**parameters, **({"num_ctx": model.info.context_length} if native_chat else {})},
        "model_info": _info(model, kind),
    }


def _route(server: ModelServer, model: Model, kind: str) -> str:
    """`ollama/` would put tools into the prompt as text; `hosted_vllm/` is how it ranks on any /v1/rerank."""
    if _is_native(server, kind):
        return f"{'ollama_chat' if kind == 'llm' else 'ollama'}/{model.name}"
    return f"{'hosted_vllm' if kind == 'rerank' else 'openai'}/{model.name}"


def _is_native(server: ModelServer, kind: str) -> bool:
    return server.is_ollama and kind in ("llm", "text-embedding")


def _info(model: Model, kind: str) -> dict[str, Any]:
    """What the servers say; where they do not, LiteLLM is not told either."""
    facts: dict[str, Any] = {"mode": MODES[kind]}
    if kind == "llm":
        told = {
            "max_input_tokens": model.info.context_length,
            "supports_function_calling": model.info.tools,
            "supports_vision": model.info.vision,
        }
        facts |= {name: value for name, value in told.items() if value is not None}
    return facts


def _notes(world: World) -> Iterator[str]:
    yield from key_note(world)


LITELLM = Client("litellm", "config.yaml", "yaml", _render, _notes)
