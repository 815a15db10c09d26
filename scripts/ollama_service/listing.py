"""Models as Ollama lists and describes them: everything it says is kept, what it does not say is `None`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ListedModel:
    """An entry of /api/tags. Its capabilities are incomplete; `show_model` knows them all."""

    name: str
    size: int  # bytes on the server's disk
    digest: str
    modified_at: str = ""
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    context_length: int | None = None  # what it was trained for
    capabilities: tuple[str, ...] | None = None
    remote_model: str = ""  # of a model that runs in a cloud
    remote_host: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> "ListedModel":
        details = entry.get("details") or {}
        return cls(
            entry.get("name") or entry.get("model") or "",
            entry.get("size") or 0,
            entry.get("digest") or "",
            entry.get("modified_at") or "",
            details.get("family") or "",
            details.get("parameter_size") or "",
            details.get("quantization_level") or "",
            details.get("context_length"),
            _capabilities(entry),
            entry.get("remote_model") or "",
            entry.get("remote_host") or "",
            entry,
        )


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """An answer of /api/show. `raw` has the rest: license, template, Modelfile, all of `model_info`."""

    name: str
    capabilities: tuple[str, ...] | None
    context_length: int | None  # what it was trained for
    embedding_length: int | None  # numbers in one vector
    parameters: str = ""  # the Modelfile's, one `name value` a line
    remote_model: str = ""
    remote_host: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, name: str, show: Mapping[str, Any]) -> "ModelDetails":
        facts, details = show.get("model_info") or {}, show.get("details") or {}
        architecture = facts.get("general.architecture", "")
        return cls(
            name,
            _capabilities(show),
            facts.get(f"{architecture}.context_length") or details.get("context_length"),
            facts.get(f"{architecture}.embedding_length") or details.get("embedding_length"),
            show.get("parameters") or "",
            show.get("remote_model") or "",
            show.get("remote_host") or "",
            show,
        )


def _capabilities(entry: Mapping[str, Any]) -> tuple[str, ...] | None:
    listed = entry.get("capabilities")
    return None if listed is None else tuple(listed)
