"""Ollama's /api/embed."""

from collections.abc import Mapping, Sequence
from typing import Any

from provider.core import errors
from provider.core.catalog import Memory
from provider.core.embedding.dialects.base import Dialect, dimensions
from provider.core.embedding.request import EmbeddingRequest, Input
from provider.core.wire.embeddings import Answer, read_ollama
from provider.core.wire.failure import Failure
from provider.core.wire.ollama_request import keep_alive
from provider.core.wire.shapes import mapping

NOT_ENABLED = 501  # what it says of a chat model

_contexts = Memory()


class Ollama(Dialect):
    """/api/embed cuts what is too long, and has num_ctx and keep_alive like a chat: another value would reload."""

    path = "/api/embed"

    def body(self, request: EmbeddingRequest, inputs: Sequence[Input]) -> dict[str, Any]:
        body = {"truncate": True, **super().body(request, inputs)}
        options = dict(mapping(request.extra_body.get("options")))
        if context := request.context_length or self._usual_context(request.model):
            options["num_ctx"] = context
        if options:
            body["options"] = options
        if request.keep_alive:
            body["keep_alive"] = keep_alive(request.keep_alive)
        return body

    def extras(self, request: EmbeddingRequest) -> dict[str, Any]:
        return dimensions(request)

    def read(self, value: Any, headers: Mapping[str, str]) -> Answer:
        return read_ollama(value)

    def explained(self, failure: Failure, model: str) -> errors.ServerError:
        return self.cannot_embed(model) if failure.status == NOT_ENABLED else super().explained(failure, model)

    def how_to_get_one(self) -> str:
        return "Add an embedding model: ollama pull nomic-embed-text"

    def _usual_context(self, model: str) -> int | None:
        """For `auto`, whose model is known only now: the size a form saved by name would have."""
        key = (self.backend.http.server, model)
        return _contexts.get(key, lambda: self.backend.describe(model).context_length)
