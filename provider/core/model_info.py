"""What is known of a model. What a server did not say is `None`, never `False` or 0."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Facts about one model on one server, as the server told them."""

    name: str
    kind: str  # ollama, llamacpp, lmstudio, openai
    flavour: str = ""  # what an OpenAI-compatible server really is: vllm, localai, koboldcpp, …
    context_length: int | None = None  # tokens one request may use as the server runs it
    fixed_context_length: int | None = None  # what its own settings ask for, whatever is loaded: num_ctx in a Modelfile
    train_context_length: int | None = None  # tokens the model was trained for
    embedding_size: int | None = None  # numbers in one vector
    tools: bool | None = None
    parallel_tools: bool | None = None
    vision: bool | None = None
    audio: bool | None = None
    thinking: bool | None = None
    structured_output: bool | None = None
    completion: bool | None = None  # can it chat at all
    embedding: bool | None = None
    rerank: bool | None = None
    speech2text: bool | None = None
    tts: bool | None = None
    loaded: bool | None = None
    parameters: tuple[str, ...] = ()  # sampler names the server lists, where it does

    def as_dict(self) -> dict[str, Any]:
        """Only what is known, ready for JSON."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "", ())}

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Self:
        """Unknown keys are dropped, so that facts stored by another version still load."""
        known = {field.name for field in fields(cls)} & facts.keys()
        chosen: dict[str, Any] = {"name": "", "kind": "", **{key: facts[key] for key in known}}
        chosen["parameters"] = tuple(chosen.get("parameters") or ())
        return cls(**chosen)
