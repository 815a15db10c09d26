"""Reads the plain /v1/models of any OpenAI-compatible server, with the extras some add."""

from collections.abc import Mapping, Sequence
from typing import Any

from provider.core.model_info import ModelInfo

GRAMMAR = ("vllm", "sglang", "llamacpp", "ollama")  # servers that hold a model to a schema


def read_entry(entry: Mapping[str, Any], flavour: str) -> ModelInfo:
    """`max_model_len` is vLLM's and SGLang's, `context_length` OpenRouter's and others'."""
    meta = entry.get("meta") or {}
    lengths = (
        entry.get("max_model_len"),
        entry.get("context_length"),
        entry.get("max_context_length"),
        meta.get("n_ctx"),
    )
    return ModelInfo(
        name=entry.get("id", ""),
        kind="openai",
        flavour=flavour,
        context_length=next((length for length in lengths if isinstance(length, int) and length > 0), None),
        structured_output=True if flavour in GRAMMAR else None,
    )


def flavour_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """Which program lists these models, as far as `owned_by` tells."""
    owners = {str(entry.get("owned_by", "")).lower() for entry in entries}
    known = {"vllm": "vllm", "sglang": "sglang", "llamacpp": "llamacpp", "library": "ollama", "koboldcpp": "koboldcpp"}
    return next((flavour for owner, flavour in known.items() if owner in owners), "")
