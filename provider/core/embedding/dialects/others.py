"""Small differences: LM Studio, vLLM, Text Embeddings Inference."""

from collections.abc import Mapping, Sequence
from typing import Any

from provider.core.embedding.dialects.base import Dialect, dimensions
from provider.core.embedding.request import EmbeddingRequest, Input
from provider.core.wire.embeddings import Answer, read_bare


class LMStudio(Dialect):
    def how_to_get_one(self) -> str:
        return "Choose one of the type embedding, or get one: lms get nomic-embed-text-v1.5"


class Vllm(Dialect):
    """Cuts when it is told where."""

    def extras(self, request: EmbeddingRequest) -> dict[str, Any]:
        context = request.context_length
        return {**super().extras(request), **({"truncate_prompt_tokens": context} if context else {})}

    def tokens(self, model: str, text: str) -> int | None:
        found = self._counted("/tokenize", {"model": model, "prompt": text}).get("count")
        return found if isinstance(found, int) else None

    def how_to_get_one(self) -> str:
        return "Start vLLM with an embedding model (--runner pooling)."


class Tei(Dialect):
    """Hugging Face's Text Embeddings Inference, by its own route: only that one cuts what is too long."""

    path = "/embed"

    def body(self, request: EmbeddingRequest, inputs: Sequence[Input]) -> dict[str, Any]:
        return {"truncate": True, **request.extra_body, "inputs": [self.item(each) for each in inputs]}

    def extras(self, request: EmbeddingRequest) -> dict[str, Any]:
        return dimensions(request)

    def read(self, value: Any, headers: Mapping[str, str]) -> Answer:
        return read_bare(value, headers.get("X-Compute-Tokens"))
