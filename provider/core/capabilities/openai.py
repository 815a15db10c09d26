"""Reads the plain /v1/models of any OpenAI-compatible server, with the extras some add."""

from collections.abc import Mapping, Sequence
from typing import Any

from provider.core.model_info import ModelInfo
from provider.core.wire.shapes import mapping

# Servers that hold a model to a schema, whichever engine they have inside.
GRAMMAR = ("vllm", "sglang", "llamacpp", "ollama", "koboldcpp", "jan", "docker")
OWNERS = {
    "vllm": "vllm",
    "sglang": "sglang",
    "llamacpp": "llamacpp",
    "library": "ollama",
    "koboldcpp": "koboldcpp",
    "lemonade": "lemonade",
    "docker": "docker",
    "llamafile": "llamafile",
    "organization_owner": "lmstudio",
}
SOUND = ("speech2text", "tts")
# Speaches' tasks, and which of ours each is.
TASKS = {
    "automatic-speech-recognition": ("speech2text",),
    "text-to-speech": ("tts",),
    **dict.fromkeys(("speaker-embedding", "speaker-diarization", "voice-activity-detection"), ()),
}
JAN = {"object": "model", "created": 1, "owned_by": "user"}


def read_entry(entry: Mapping[str, Any], flavour: str) -> ModelInfo:
    """`max_model_len` is vLLM's and SGLang's, `context_length` OpenRouter's and others', `task` Speaches'."""
    meta = mapping(entry.get("meta"))
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
        context_length=next((known for length in lengths if (known := count(length))), None),
        structured_output=True if flavour in GRAMMAR else None,
        **_only_for(entry.get("task")),
    )


def _only_for(task: object) -> dict[str, Any]:
    """A model that was made for sound does nothing else."""
    able = TASKS.get(task) if isinstance(task, str) else None
    return {} if able is None else {name: name in able for name in ("completion", "embedding", "rerank", *SOUND)}


def flavour_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """Which program lists these models, as far as `owned_by` tells."""
    owners = {str(entry.get("owned_by", "")).lower() for entry in entries}
    if entries and all(JAN.items() <= entry.items() for entry in entries):
        return "jan"
    return next((flavour for owner, flavour in OWNERS.items() if owner in owners), "")


def count(value: object) -> int | None:
    """A number of tokens; what is no number, or not above 0, is not known."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
