"""How each kind of server is asked for vectors: one small class of differences each."""

from provider.core.backends import Backend
from provider.core.embedding.dialects.base import Dialect
from provider.core.embedding.dialects.llamacpp import LlamaCpp
from provider.core.embedding.dialects.ollama import Ollama
from provider.core.embedding.dialects.others import LMStudio, Tei, Vllm

BY_KIND: dict[str, type[Dialect]] = {"ollama": Ollama, "llamacpp": LlamaCpp, "lmstudio": LMStudio}
BY_FLAVOUR: dict[str, type[Dialect]] = {"llamacpp": LlamaCpp, "lmstudio": LMStudio, "vllm": Vllm, "tei": Tei}


def dialect_of(backend: Backend) -> Dialect:
    """A kind chosen by hand holds: Ollama as `openai` is asked by OpenAI's route."""
    return (BY_KIND.get(backend.kind) or BY_FLAVOUR.get(backend.flavour) or Dialect)(backend)


__all__ = ["Dialect", "dialect_of"]
