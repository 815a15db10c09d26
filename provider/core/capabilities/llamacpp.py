"""Reads llama.cpp's /v1/models and /props."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from provider.core.capabilities.openai import count
from provider.core.model_info import ModelInfo
from provider.core.parameters import LLAMACPP
from provider.core.wire.shapes import mapping, texts

THINKING_SIGNS = ("enable_thinking", "reasoning_content", "<think>", "<|channel|>", "[THINK]")


def read_model(entry: Mapping[str, Any], props: Mapping[str, Any]) -> ModelInfo:
    """One entry of `data`, and the /props of the same model (empty while it is not loaded)."""
    meta = mapping(entry.get("meta"))
    settings = mapping(props.get("default_generation_settings"))
    caps = mapping(props.get("chat_template_caps"))
    return ModelInfo(
        name=entry.get("id", ""),
        kind="llamacpp",
        context_length=count(settings.get("n_ctx")) or count(meta.get("n_ctx")) or _context_to_come(entry),
        train_context_length=count(meta.get("n_ctx_train")),
        embedding_size=count(meta.get("n_embd")),
        tools=_tools(caps),
        parallel_tools=caps.get("supports_parallel_tool_calls"),
        vision=_modality(props, entry, "vision", "image"),
        audio=_modality(props, entry, "audio", "audio"),
        speech2text=False
        if _modality(props, entry, "audio", "audio") is False
        else None,  # older builds lack the route
        thinking=_thinking(props, caps),
        structured_output=True,
        **_started_for(entry),
        loaded=_loaded(entry),
        parameters=tuple(sorted(set(LLAMACPP) & set(mapping(settings.get("params"))))),
    )


def is_router(props: Mapping[str, Any]) -> bool:
    return props.get("role") == "router"


def names_of(entry: Mapping[str, Any]) -> list[str]:
    """Everything a request may call this model."""
    return [entry.get("id", ""), *texts(entry.get("aliases"))]


def _tools(caps: Mapping[str, Any]) -> bool | None:
    return bool(caps.get("supports_tools") and caps.get("supports_tool_calls")) if caps else None


def _modality(props: Mapping[str, Any], entry: Mapping[str, Any], name: str, listed_as: str) -> bool | None:
    if (modalities := props.get("modalities")) is not None:
        return bool(mapping(modalities).get(name))
    if (architecture := entry.get("architecture")) is not None:
        return listed_as in texts(mapping(architecture).get("input_modalities"))
    return None


def _thinking(props: Mapping[str, Any], caps: Mapping[str, Any]) -> bool | None:
    """There is no flag: the chat template tells, by what it does with thoughts."""
    template = props.get("chat_template")
    if not isinstance(template, str):
        return None
    return bool(caps.get("supports_reasoning_effort")) or any(sign in template for sign in THINKING_SIGNS)


def _loaded(entry: Mapping[str, Any]) -> bool:
    return mapping(entry.get("status")).get("value", "loaded") in ("loaded", "sleeping")


def _context_to_come(entry: Mapping[str, Any]) -> int | None:
    """Of a model that a router has not loaded: its slots share the context unless their number is given."""
    context = _argument(entry, "--ctx-size", "-c")
    is_shared = any(flag in _arguments(entry) for flag in ("--kv-unified", "-kvu"))
    slots = 1 if is_shared else _argument(entry, "--parallel", "-np") or 1
    return context // slots if context else None


def _started_for(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Only a router tells how a model is started; one server alone must be tried."""
    arguments = _arguments(entry)
    if not arguments:
        return {}
    rerank = any(flag in arguments for flag in ("--rerank", "--reranking"))
    embedding = not rerank and any(flag in arguments for flag in ("--embedding", "--embeddings"))
    return {"rerank": rerank, "embedding": embedding, "completion": not (rerank or embedding)}


def _argument(entry: Mapping[str, Any], *flags: str) -> int | None:
    for flag, value in pairwise(_arguments(entry)):
        if flag in flags and value.isdigit() and int(value):
            return int(value)
    return None


def _arguments(entry: Mapping[str, Any]) -> Sequence[str]:
    """A router starts each model with arguments of its own; they tell what it will be."""
    return texts(mapping(entry.get("status")).get("args"))
