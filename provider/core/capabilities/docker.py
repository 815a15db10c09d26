"""Reads Docker Model Runner's list of models, its settings of each, and what is running."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from provider.core.capabilities.openai import count, read_entry
from provider.core.model_info import ModelInfo
from provider.core.wire.shapes import mapping

HUB, TAG = "docker.io/", ":latest"


def read_model(
    entry: Mapping[str, Any], settings: Sequence[Mapping[str, Any]], running: Sequence[Mapping[str, Any]]
) -> ModelInfo:
    """`docker model configure --context-size` wins over the size that came with the model."""
    name = entry.get("id", "")
    chosen = next((mapping(each.get("Config")) for each in settings if same_name(each.get("Model", ""), name)), {})
    own = mapping(entry.get("dmr")).get("context_window")
    modes = {each.get("mode", "") for each in running if same_name(each.get("model_name", ""), name)}
    return replace(
        read_entry(entry, "docker"),
        context_length=count(chosen.get("context-size")) or count(own),
        loaded=bool(modes),
    )


def same_name(one: str, other: str) -> bool:
    """`smollm2`, `ai/smollm2:latest` and `docker.io/ai/smollm2:latest` are one model."""
    return bool(one and other) and _full(one) == _full(other)


def _full(name: str) -> str:
    name = name.removeprefix(HUB)
    name = name if "/" in name else f"ai/{name}"
    return name if ":" in name.rpartition("/")[2] else name + TAG
