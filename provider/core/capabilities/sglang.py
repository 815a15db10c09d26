"""Reads SGLang's /v1/models and /get_model_info."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provider.core.capabilities.openai import read_entry
from provider.core.model_info import ModelInfo


def read_model(entry: Mapping[str, Any], facts: Mapping[str, Any]) -> ModelInfo:
    """It runs one model; older versions do not tell what it understands."""
    generates = facts.get("is_generation")
    return replace(
        read_entry(entry, "sglang"),
        completion=generates,
        embedding=None if generates is None else not generates,
        vision=facts.get("has_image_understanding"),
        audio=facts.get("has_audio_understanding"),
        loaded=True,
    )
