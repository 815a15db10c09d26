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
        details = _object(entry, "details")
        return cls(
            _text(entry, "name") or _text(entry, "model"),
            _count(entry, "size") or 0,
            _text(entry, "digest"),
            _text(entry, "modified_at"),
            _text(details, "family"),
            _text(details, "parameter_size"),
            _text(details, "quantization_level"),
            _count(details, "context_length"),
            _capabilities(entry),
            _text(entry, "remote_model"),
            _text(entry, "remote_host"),
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
        facts, details = _object(show, "model_info"), _object(show, "details")
        architecture = facts.get("general.architecture", "")
        return cls(
            name,
            _capabilities(show),
            _count(facts, f"{architecture}.context_length") or _count(details, "context_length"),
            _count(facts, f"{architecture}.embedding_length") or _count(details, "embedding_length"),
            _text(show, "parameters"),
            _text(show, "remote_model"),
            _text(show, "remote_host"),
            show,
        )


def listed_models(answer: Mapping[str, Any]) -> list[ListedModel]:
    """An answer of /api/tags; Go writes an empty list as `null`, and who only plays Ollama may write anything."""
    listed = answer.get("models")
    entries = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return [model for model in map(ListedModel.read, entries) if model.name]


def _capabilities(entry: Mapping[str, Any]) -> tuple[str, ...] | None:
    listed = entry.get("capabilities")
    return tuple(map(str, listed)) if isinstance(listed, list) else None


def _object(facts: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = facts.get(key)
    return value if isinstance(value, dict) else {}


def _text(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key)
    return value if isinstance(value, str) else ""


def _count(facts: Mapping[str, Any], key: str) -> int | None:
    value = facts.get(key)
    return value if isinstance(value, int) else None
