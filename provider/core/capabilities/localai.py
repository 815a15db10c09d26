"""Reads LocalAI's /api/show (4.1.3 and later) and /v1/models/capabilities (since July 2026)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provider.core.capabilities.openai import count
from provider.core.model_info import ModelInfo
from provider.core.wire.shapes import mapping


def read_model(name: str, show: Mapping[str, Any], listed: Mapping[str, Any]) -> ModelInfo:
    """Tools and thinking are found out when the model is first loaded, so that their absence says nothing."""
    facts, shown = mapping(show.get("model_info")), show.get("capabilities")
    info = ModelInfo(
        name=name,
        kind="openai",
        flavour="localai",
        context_length=count(facts.get("general.context_length")),
        completion=None if shown is None else "completion" in shown,
        embedding=None if shown is None else _embeds("embedding" in shown, "completion" in shown),
        vision=None if shown is None else "vision" in shown,
        tools=_perhaps(shown, "tools"),
        thinking=_perhaps(shown, "thinking"),
    )
    return _listed(info, listed.get("capabilities"), listed.get("input_modalities")) if listed else info


def _listed(info: ModelInfo, capabilities: list[str] | None, hears: list[str] | None) -> ModelInfo:
    able = capabilities or []
    chats = "chat" in able or "completion" in able
    return replace(
        info,
        completion=chats,
        embedding=_embeds("embeddings" in able, chats),
        rerank="rerank" in able,
        speech2text="transcript" in able,
        tts="tts" in able,
        vision="vision" in able,
        audio="audio" in (hears or []),
        tools=_perhaps(able, "tools"),
        thinking=_perhaps(able, "thinking"),
    )


def _embeds(embeds: bool, chats: bool) -> bool | None:  # noqa: FBT001 - two facts
    """A model that does both is a chat model that may also give vectors."""
    return None if embeds and chats else embeds


def _perhaps(capabilities: list[str] | None, name: str) -> bool | None:
    return True if name in (capabilities or ()) else None
