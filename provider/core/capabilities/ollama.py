"""Reads Ollama's /api/show, /api/tags and /api/ps."""

import re
from collections.abc import Mapping
from typing import Any

from provider.core.model_info import ModelInfo
from provider.core.wire.shapes import mapping, texts, words

# Declared and sent as num_ctx when nothing else is known: memory grows with it, and a model
# trained for 256k would not fit most machines with all of it.
USUAL_CONTEXT = 8192
FLOOR = 4096  # tokens; Ollama's own default on small machines


def read_show(name: str, show: Mapping[str, Any], running: int | None = None) -> ModelInfo:
    """`running` is the context length of /api/ps while the model is loaded."""
    facts = mapping(show.get("model_info"))
    architecture = facts.get("general.architecture", "")
    trained = _number(facts.get(f"{architecture}.context_length")) or _number(
        mapping(show.get("details")).get("context_length")
    )
    fixed = _modelfile_context(words(show.get("parameters")))
    capabilities = texts(show["capabilities"]) if show.get("capabilities") is not None else None
    return ModelInfo(
        name=name,
        kind="ollama",
        context_length=_usable(fixed, running, trained),
        fixed_context_length=fixed,
        train_context_length=trained,
        embedding_size=_number(facts.get(f"{architecture}.embedding_length")),
        structured_output=_has(capabilities, "completion"),
        completion=_has(capabilities, "completion"),
        embedding=_has(capabilities, "embedding"),
        tools=_has(capabilities, "tools"),
        parallel_tools=_has(capabilities, "tools"),
        vision=_has(capabilities, "vision"),
        audio=_has(capabilities, "audio"),
        thinking=_has(capabilities, "thinking"),
        rerank=False,
        speech2text=False if _has(capabilities, "audio") is False else None,  # older versions have no route for it
        tts=False,
        loaded=running is not None,
    )


def same_name(one: str, other: str) -> bool:
    """Ollama's own rule: case, the default registry and `:latest` do not matter."""
    return _full(one) == _full(other)


def _full(name: str) -> str:
    name = name.strip().lower()
    for prefix in ("http://", "https://", "registry.ollama.ai/", "library/"):
        name = name.removeprefix(prefix)
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _usable(wanted: int | None, running: int | None, trained: int | None) -> int:
    """The Modelfile's wish, else what is loaded (asking for less would reload it), else a size that fits."""
    if wanted:
        return min(wanted, trained or wanted)
    if running and running >= min(FLOOR, trained or FLOOR):
        return running
    return min(trained or USUAL_CONTEXT, USUAL_CONTEXT)


def _modelfile_context(parameters: str) -> int | None:
    found = re.search(r"^num_ctx\s+(\d+)", parameters, re.MULTILINE)
    return int(found[1]) if found else None


def _has(capabilities: list[str] | None, name: str) -> bool | None:
    return None if capabilities is None else name in capabilities


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
