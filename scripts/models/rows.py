"""From what was found to the lines of a table, and to JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.filesize import decimal

from provider.core.model_info import ModelInfo
from scripts.models.look import Look, Model

COLUMNS = ("Model", "Size", "Context", "Can", "State", "Server")
CAN = {
    "completion": "chat", "embedding": "embedding", "rerank": "rerank", "tools": "tools", "vision": "vision",
    "audio": "audio", "thinking": "thinking", "structured_output": "JSON", "speech2text": "speech to text",
    "tts": "speech",
}  # fmt: skip
NOT_TOLD = "?"


def rows(looks: Sequence[Look]) -> Iterator[Sequence[str]]:
    """A line for each model; a server without models or without an answer has one too."""
    for look in looks:
        if look.error:
            yield (f"✗ {look.error}", "", "", "", "", look.instance.name)
        elif not look.models:
            yield ("no models", "", "", "", "", _server(look))
        for model in look.models:
            yield (*_cells(model), _server(look))


def facts(looks: Sequence[Look]) -> dict[str, Any]:
    """Everything that is known; what a server does not tell is `null`."""
    return {
        "servers": [_server_facts(look) for look in looks],
        "models": [_model_facts(look, model) for look in looks for model in look.models],
    }


def capabilities(info: ModelInfo) -> list[str]:
    """A server's grammar holds answers to a schema, so it says nothing of a model that may have none to give."""
    able = [name for name in CAN if getattr(info, name, None)]
    return [name for name in able if name != "structured_output" or {"completion", "tools", "thinking"} & set(able)]


def _cells(model: Model) -> tuple[str, str, str, str, str]:
    info, extra = model.info, model.extra
    size = decimal(extra.size) if extra.size else NOT_TOLD
    able = ", ".join(CAN[name] for name in capabilities(info)) or NOT_TOLD
    return info.name, "in a cloud" if extra.remote_host else size, _context(info), able, _state(model)


def _context(info: ModelInfo) -> str:
    """What a request may use, and what the model was trained for if that is more."""
    used, trained = info.context_length, info.train_context_length
    if used and trained and trained > used:
        return f"{used:,} of {trained:,}"
    return f"{used or trained:,}" if used or trained else NOT_TOLD


def _state(model: Model) -> str:
    if model.info.loaded is None:
        return NOT_TOLD
    if not model.info.loaded:
        return "not loaded"
    share = model.extra.gpu_share
    if share is None:
        return "loaded"
    return f"loaded, {share:.0%} on GPU" if 0 < share < 1 else f"loaded, on {'GPU' if share else 'CPU'}"


def _server(look: Look) -> str:
    return f"{look.instance.name} ({look.label})"


def _server_facts(look: Look) -> dict[str, Any]:
    instance = look.instance
    return {
        **instance.facts(),
        "label": look.label,
        "ok": not look.error,
        "error": look.error,
        "fix": look.fix,
        "models": len(look.models),
    }


def _model_facts(look: Look, model: Model) -> Mapping[str, Any]:
    info, extra = model.info, model.extra
    return {
        "name": info.name,
        "server": look.instance.name,
        "url": look.instance.url,
        "kind": info.kind,
        "flavour": info.flavour,
        "size_bytes": extra.size,
        "context_length": info.context_length,
        "train_context_length": info.train_context_length,
        "embedding_size": info.embedding_size,
        "capabilities": capabilities(info),
        "loaded": info.loaded,
        "gpu_share": None if extra.gpu_share is None else round(extra.gpu_share, 3),
        "remote_host": extra.remote_host,
    }
