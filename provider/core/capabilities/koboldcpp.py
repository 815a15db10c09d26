"""Reads KoboldCpp's /api/extra/version, whose flags hold for all it runs under the one name it lists."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provider.core.capabilities.openai import read_entry
from provider.core.model_info import ModelInfo

NO_MODEL = "inactive"  # listed when no language model was loaded


def read_model(entry: Mapping[str, Any], flags: Mapping[str, Any], context: int | None) -> ModelInfo:
    """`context` is /api/extra/true_max_context_length; flags that an older version lacks stay unknown.

    An embedding model may be loaded beside the language model, and then this name stands for both.
    """
    info = read_entry(entry, "koboldcpp")
    return replace(
        info,
        context_length=context or info.context_length,
        vision=flags.get("vision"),
        audio=flags.get("audio"),
        completion=flags.get("llm"),
        embedding=None if flags.get("embeddings") else flags.get("embeddings"),
        rerank=False,
        speech2text=flags.get("transcribe"),
        tts=flags.get("tts"),
        loaded=True,
    )


def has_model(entry: Mapping[str, Any]) -> bool:
    return not str(entry.get("id", "")).endswith(NO_MODEL)
