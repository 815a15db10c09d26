"""Any server that speaks OpenAI's /v1: vLLM, LocalAI, Jan, KoboldCpp, SGLang, and Ollama by choice."""

from typing import Any

from provider.core import errors
from provider.core.backends.base import Backend, Decoder
from provider.core.capabilities.openai import flavour_of, read_entry
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo
from provider.core.tasks import Task
from provider.core.wire import openai, openai_request
from provider.core.wire.failure import Failure
from provider.core.wire.openai_request import Dialect

THINKING_FIELDS = {"vllm": "reasoning_content", "sglang": "reasoning_content", "ollama": "reasoning"}
COUNTING = 2.0  # seconds; a count must never hold up the call it is for


class OpenAICompatible(Backend):
    kind = "openai"
    label = "The OpenAI-compatible server"
    how_to_start = "Start the server, then open BASE_URL/v1/models in a browser."

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, self.flavour, THINKING_FIELDS.get(self.flavour, ""))

    def entries(self) -> list[dict[str, Any]]:
        """The `data` of /v1/models; some servers send `null` for an empty list."""
        listed = self.checked(self.http.get("/v1/models"))
        if isinstance(listed, list):
            return listed
        if not isinstance(listed, dict) or "data" not in listed:
            raise errors.BadSetting(
                f"{self.url}/v1/models did not answer with a list of models. Check the base URL and the server kind."
            )
        return listed["data"] or []

    def names(self) -> list[str]:
        return [entry["id"] for entry in self.entries()]

    def describe(self, model: str) -> ModelInfo:
        entries = self.entries()
        entry = next((entry for entry in entries if entry["id"] == model), None)
        if entry is None:
            raise self.missing(model, [entry["id"] for entry in entries])
        return read_entry(entry, self.flavour or flavour_of(entries))

    def pick(self, task: Task = "chat") -> str:
        if names := self.names():
            return names[0]
        raise errors.ModelMissing(f"{self.label} at {self.url} has no models. {self.how_to_start}")

    def how_to_get(self, model: str) -> str:
        return f"Start the server with {model}, or use one of the names above."

    def encode(self, request: ChatRequest) -> tuple[str, dict[str, Any]]:
        if request.completion:
            return "/v1/completions", openai_request.encode_completion(request, self.dialect)
        return "/v1/chat/completions", openai_request.encode_chat(request, self.dialect)

    def decoder(self) -> Decoder:
        return openai.Decoder()

    def relaxed(self, body: dict[str, Any], failure: Failure) -> dict[str, Any] | None:
        """Older servers refuse to be asked for the usage; the answer matters more."""
        if "stream_options" in body and "stream_options" in failure.words:
            return {name: value for name, value in body.items() if name != "stream_options"}
        return None

    def count_tokens(self, request: ChatRequest) -> int | None:
        """vLLM's /tokenize counts a whole chat, template and tools included."""
        if self.flavour != "vllm" or request.completion:
            return None
        _, body = self.encode(request)
        asked = {name: body[name] for name in ("model", "messages", "tools") if name in body}
        return self._counted("/tokenize", asked, "count")

    def _counted(self, path: str, body: dict[str, Any], field: str) -> int | None:
        try:
            reply = self.http.post(path, body, COUNTING)
        except errors.ServerError:
            return None
        counted = reply.json() if reply.ok else None
        return counted.get(field) if isinstance(counted, dict) else None
