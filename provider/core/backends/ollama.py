"""Ollama, by its native routes: only they carry num_ctx, keep_alive and errors in mid-stream."""

from typing import Any

from provider.core import errors
from provider.core.backends.base import Backend, Decoder
from provider.core.capabilities.ollama import read_show, same_name
from provider.core.capabilities.openai import count
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo
from provider.core.tasks import Task, suits
from provider.core.wire import ollama, ollama_request
from provider.core.wire.failure import Failure
from provider.core.wire.shapes import mapping, objects


class Ollama(Backend):
    kind = "ollama"
    label = "Ollama"
    how_to_start = "ollama serve"

    def names(self) -> list[str]:
        return [model["name"] for model in self._tags()]

    def is_same_model(self, one: str, other: str) -> bool:
        return same_name(one, other)

    def describe(self, model: str) -> ModelInfo:
        reply = self.http.post("/api/show", {"model": model})
        if reply.status == 404:  # noqa: PLR2004 - HTTP's not found
            raise self.missing(model, self.names())
        return read_show(model, mapping(self.checked(reply, model)), self._running_context(model))

    def pick(self, task: Task = "chat") -> str:
        for name in dict.fromkeys([*(each["name"] for each in self._running()), *self.names()]):
            if suits(self.describe(name), task):
                return name
        example = "nomic-embed-text" if task == "embedding" else "qwen3:4b"
        raise errors.ModelMissing(f"Ollama at {self.url} has no model for {task}. {self.how_to_get(example)}")

    def how_to_get(self, model: str) -> str:
        return f"Get it: ollama pull {model}"

    def check_health(self) -> None:
        self.checked(self.http.get("/api/version"))

    def encode(self, request: ChatRequest) -> tuple[str, dict[str, Any]]:
        if request.completion:
            return "/api/generate", ollama_request.encode_generate(request)
        return "/api/chat", ollama_request.encode_chat(request)

    def decoder(self) -> Decoder:
        return ollama.Decoder()

    def advice(self, error: type[errors.ServerError], failure: Failure, location: str = "") -> str:
        if failure.status == 403 and not failure.words:  # noqa: PLR2004 - its check of the Host header
            return (
                "Ollama refuses the host name in the server address: use an IP address, localhost or "
                "host.docker.internal, or set OLLAMA_HOST to the address it should listen on."
            )
        if failure.status == 404 and "page not found" in failure.words:  # noqa: PLR2004 - no such route
            return "The path of the server address is wrong, or this Ollama is too old: update it."
        return super().advice(error, failure, location)

    def window_in_use(self, model: str) -> int | None:
        return self._running_context(model)

    def _tags(self) -> list[dict[str, Any]]:
        return _named(self.checked(self.http.get("/api/tags")))

    def _running(self) -> list[dict[str, Any]]:
        """Loaded models; versions before 0.1.33 do not tell."""
        reply = self.http.get("/api/ps")
        return _named(reply.json()) if reply.ok else []

    def _running_context(self, model: str) -> int | None:
        loaded = next((each for each in self._running() if same_name(each["name"], model)), None)
        return count(loaded.get("context_length")) if loaded else None


def _named(value: Any) -> list[dict[str, Any]]:
    """The models of a list, whatever else is in it."""
    return [each for each in objects(mapping(value).get("models")) if isinstance(each.get("name"), str)]
