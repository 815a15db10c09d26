"""Reads LM Studio's /api/v1/models (0.4.0 and later) and /api/v0/models (0.3.6 and later)."""

from collections.abc import Mapping
from typing import Any

from provider.core.capabilities.openai import count
from provider.core.model_info import ModelInfo
from provider.core.wire.shapes import mapping, name, objects, texts


def names_of(model: Mapping[str, Any]) -> list[str]:
    """Everything a request may call this model: its key, its loaded instances, its variants."""
    instances = [name(each.get("id")) for each in objects(model.get("loaded_instances"))]
    return list(dict.fromkeys([name(model.get("key")), *instances, *texts(model.get("variants"))]))


def read_v1(model: Mapping[str, Any], asked: str = "") -> ModelInfo:
    """`loaded_instances` hold the context length in use; what a load to come will use nobody tells."""
    capabilities = mapping(model.get("capabilities"))
    instances = [
        each for each in objects(model.get("loaded_instances")) if asked in ("", model.get("key"), each.get("id"))
    ]
    contexts = [count(mapping(each.get("config")).get("context_length")) for each in instances]
    chats = model.get("type") != "embedding"
    return ModelInfo(
        name=asked or name(model.get("key")),
        kind="lmstudio",
        context_length=next((each for each in contexts if each), None),
        train_context_length=count(model.get("max_context_length")),
        tools=capabilities.get("trained_for_tool_use"),
        vision=capabilities.get("vision"),
        audio=False,
        thinking=_first(capabilities, "reasoning", "thinking"),
        structured_output=chats,
        completion=chats,
        embedding=not chats,
        rerank=False,
        speech2text=False,
        tts=False,
        loaded=bool(instances),
    )


def read_v0(model: Mapping[str, Any]) -> ModelInfo:
    """The older list says less; what it does not say stays unknown."""
    kind, capabilities = model.get("type"), model.get("capabilities")
    chats = kind != "embeddings"
    return ModelInfo(
        name=name(model.get("id")),
        kind="lmstudio",
        context_length=count(model.get("loaded_context_length")),
        train_context_length=count(model.get("max_context_length")),
        tools=None if capabilities is None else "tool_use" in texts(capabilities),
        vision=kind == "vlm",
        audio=False,
        structured_output=chats,
        completion=chats,
        embedding=not chats,
        rerank=False,
        speech2text=False,
        tts=False,
        loaded=model.get("state") == "loaded",
    )


def _first(capabilities: Mapping[str, Any], *names: str) -> bool | None:
    found = next((capabilities[name] for name in names if name in capabilities), None)
    return None if found is None else bool(found)
