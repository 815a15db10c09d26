"""Reads Lemonade's list of models: labels say what a model does, the recipe which engine runs it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provider.core.capabilities.openai import count, read_entry
from provider.core.model_info import ModelInfo
from provider.core.wire.shapes import objects, texts, words

ENGINES_WITH_GRAMMAR = ("llamacpp", "vllm")
CHATS = ("llamacpp", "flm", "ryzenai-llm", "vllm", "cloud", "oga-cpu", "oga-igpu", "oga-npu", "oga-hybrid")
OTHER_WORK = {
    "embeddings", "embedding", "reranking", "transcription", "image", "tts", "audio-generation", "classification", "3d",
}  # fmt: skip


def read_model(entry: Mapping[str, Any], loaded: frozenset[str]) -> ModelInfo:
    """`context_length` is what the model has or would be loaded with."""
    labels, recipe = frozenset(texts(entry.get("labels"))), entry.get("recipe", "")
    chats = "chat" in labels or (recipe in CHATS and not labels & OTHER_WORK)
    return replace(
        read_entry(entry, "lemonade"),
        train_context_length=count(entry.get("max_context_window")),
        completion=chats,
        embedding=bool(labels & {"embeddings", "embedding"}),
        rerank="reranking" in labels,
        speech2text="transcription" in labels or recipe == "whispercpp",
        tts="tts" in labels or recipe == "kokoro",
        tools=True if "tool-calling" in labels else None,
        vision="vision" in labels,
        audio="chat-transcription" in labels,
        thinking="reasoning" in labels,
        structured_output=True if recipe in ENGINES_WITH_GRAMMAR and chats else None,
        loaded=entry.get("id") in loaded,
    )


def loaded_models(health: Mapping[str, Any]) -> frozenset[str]:
    """/v1/health."""
    return frozenset(words(each.get("model_name")) for each in objects(health.get("all_models_loaded")))
