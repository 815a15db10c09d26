"""Reads /info of Text Embeddings Inference, which runs one model and lists none."""

from collections.abc import Mapping
from typing import Any

from provider.core.capabilities.openai import count
from provider.core.model_info import ModelInfo
from provider.core.wire.shapes import mapping


def read_info(info: Mapping[str, Any]) -> ModelInfo:
    """`model_type` is an object whose only key is embedding, reranker or classifier."""
    kinds = mapping(info.get("model_type"))
    return ModelInfo(
        name=name_of(info),
        kind="openai",
        flavour="tei",
        context_length=count(info.get("max_input_length")),
        completion=False,
        embedding="embedding" in kinds,
        rerank="reranker" in kinds,
        tools=False,
        vision=False,
        audio=False,
        speech2text=False,
        tts=False,
        thinking=False,
        structured_output=False,
        loaded=True,
    )


def name_of(info: Mapping[str, Any]) -> str:
    return info.get("served_model_name") or info.get("model_id") or ""
