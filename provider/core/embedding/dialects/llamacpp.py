"""llama.cpp's llama-server, started with --embeddings."""

from dataclasses import replace
from typing import Any

from provider.core import errors
from provider.core.chat import Media
from provider.core.embedding.dialects.base import Dialect
from provider.core.embedding.request import EmbeddingRequest, Input
from provider.core.model_info import ModelInfo
from provider.core.wire.failure import Failure, read_failure

NOT_ENABLED = 501
REFUSED = 400


class LlamaCpp(Dialect):
    """Cuts nothing, but counts; takes pictures; gives vectors of one size only."""

    def extras(self, request: EmbeddingRequest) -> dict[str, Any]:
        return {"encoding_format": "base64"}

    def item(self, given: Input) -> Any:
        if not isinstance(given, Media):
            return given
        picture = {"type": "image_url", "image_url": {"url": given.data_url}}
        # A prompt that ends with a picture aborts the whole server (GGML_ASSERT, October 2026).
        return {"content": [picture, {"type": "text", "text": "\n"}]}

    def tokens(self, model: str, text: str) -> int | None:
        found = self._counted("/tokenize", {"model": model, "content": text, "add_special": True}).get("tokens")
        return len(found) if isinstance(found, list) else None

    def told(self, info: ModelInfo) -> ModelInfo:
        """Questions that cost nothing: an empty list is refused with 400 where vectors are made, with 501 elsewhere.

        A rerank server makes vectors too, but senseless ones.
        """
        failure = self._refusal("/v1/embeddings", {"model": info.name, "input": []})
        if failure.status == NOT_ENABLED or "pooling" in failure.words.lower():
            raise self.explained(failure, info.name)
        if self._is_reranker(info.name):
            raise errors.Rejected(
                f"{info.name} at {self.backend.url} is a rerank model: add it under Rerank, and for vectors start "
                "another llama-server with an embedding model and --embeddings"
            )
        return replace(info, embedding=True)

    def _is_reranker(self, model: str) -> bool:
        failure = self._refusal("/v1/rerank", {"model": model})
        return failure.status == REFUSED and "query" in failure.words

    def explained(self, failure: Failure, model: str) -> errors.ServerError:
        if "pooling" not in failure.words.lower():
            return super().explained(failure, model)
        return errors.Rejected(
            f"llama.cpp at {self.backend.url} makes one vector for each token of {model} (“{failure.words}”). "
            "Start llama-server with --pooling mean, or as the model's page says, or choose an embedding model."
        )

    def how_to_get_one(self) -> str:
        return "Start llama-server with an embedding model and --embeddings."

    def _refusal(self, path: str, body: dict[str, Any]) -> Failure:
        """A router is told not to load the model for this."""
        reply = self.backend.http.post(f"{path}?autoload=false", body)
        return Failure("") if reply.ok else read_failure(reply.body, reply.status)
