"""OpenAI's way to ask for vectors, and what others change of it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from provider.core import errors
from provider.core.backends import Backend
from provider.core.chat import Media
from provider.core.classify import classify
from provider.core.embedding.request import EmbeddingRequest, Input
from provider.core.model_info import ModelInfo
from provider.core.wire.embeddings import Answer, read_openai
from provider.core.wire.failure import Failure

COUNTING = 5.0  # seconds
NO_ROUTE = (404, 405)


class Dialect:
    """OpenAI's /v1/embeddings, which most servers speak."""

    path: ClassVar[str] = "/v1/embeddings"

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def body(self, request: EmbeddingRequest, inputs: Sequence[Input]) -> dict[str, Any]:
        return {**request.extra_body, "model": request.model, "input": [self.item(each) for each in inputs]}

    def extras(self, request: EmbeddingRequest) -> dict[str, Any]:
        """What is asked for as well, and left out when the server refuses it."""
        return {"encoding_format": "base64", **dimensions(request)}

    def item(self, given: Input) -> Any:
        """Raises `Rejected` for a picture where only texts are taken."""
        if isinstance(given, Media):
            raise errors.Rejected(
                f"{self.backend.label} at {self.backend.url} makes vectors of texts only; for pictures use llama.cpp "
                "with a multimodal embedding model"
            )
        return given

    def read(self, value: Any, headers: Mapping[str, str]) -> Answer:
        """Raises `Unreadable`."""
        return read_openai(value)

    def tokens(self, model: str, text: str) -> int | None:
        """The server's own count, where it has a route for it."""
        return None

    def told(self, info: ModelInfo) -> ModelInfo:
        """The same with what a free question tells. Raises a `ServerError` for a server that will not embed."""
        return info

    def explained(self, failure: Failure, model: str) -> errors.ServerError:
        if failure.status in NO_ROUTE and classify(failure) is errors.Rejected:
            return errors.Rejected(
                f"{self.backend.label} at {self.backend.url} has no route {self.path} (HTTP {failure.status}: "
                f"“{failure.words}”), so it makes no vectors. {self.how_to_get_one()}"
            )
        return self.backend.explained(failure, model)

    def cannot_embed(self, model: str) -> errors.Rejected:
        """For a model whose server says that it is of another kind."""
        return errors.Rejected(
            f"{model} gives no vectors: {self.backend.label} at {self.backend.url} says it is no embedding model. "
            f"{self.how_to_get_one()}"
        )

    def how_to_get_one(self) -> str:
        return "Choose a server and a model for embeddings."

    def _counted(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = self.backend.http.post(path, body, COUNTING)
        except errors.ServerError:
            return {}
        value = reply.json() if reply.ok else None
        return value if isinstance(value, dict) else {}


def dimensions(request: EmbeddingRequest) -> dict[str, Any]:
    return {"dimensions": request.dimensions} if request.dimensions else {}
