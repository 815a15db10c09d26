"""llama.cpp's llama-server, with one model or as a router in front of several."""

from typing import Any
from urllib.parse import quote

from provider.core import errors
from provider.core.backends.openai import COUNTING, OpenAICompatible
from provider.core.capabilities.llamacpp import is_router, names_of, read_model
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo
from provider.core.tasks import Task
from provider.core.wire.openai_request import Dialect


class LlamaCpp(OpenAICompatible):
    kind = "llamacpp"
    label = "llama.cpp"
    how_to_start = "llama-server --model FILE.gguf --host 0.0.0.0 --port 8080"

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, thinking_field="reasoning_content")

    def offers(self) -> tuple[str, ...]:
        return tuple(name for entry in self.entries() for name in names_of(entry))

    def describe(self, model: str) -> ModelInfo:
        entries = self.entries()
        entry = next((entry for entry in entries if model in names_of(entry)), None)
        if entry is None:
            raise self.missing(model, [entry["id"] for entry in entries])
        return read_model({**entry, "id": model}, self._props(entry))

    def check_health(self) -> None:
        """/health tells of a model that is still loading, and never wakes one that sleeps."""
        self.checked(self.http.get("/health"))
        super().check_health()

    def pick(self, task: Task = "chat") -> str:
        entries = self.entries()
        loaded = [entry for entry in entries if (entry.get("status") or {}).get("value", "loaded") == "loaded"]
        if not entries:
            raise errors.ModelMissing(f"llama.cpp at {self.url} has no models. {self.how_to_start}")
        return (loaded or entries)[0]["id"]

    def how_to_get(self, model: str) -> str:
        return f"Start llama-server with --alias {model}, or use one of the names above."

    def count_tokens(self, request: ChatRequest) -> int | None:
        """Exact by one route in newer builds, by two in older ones; neither takes a slot."""
        _, body = self.encode(request)
        if request.completion:
            return self._tokenized(body["model"], body["prompt"])
        counted = self._counted("/v1/chat/completions/input_tokens", body, "input_tokens")
        if counted is not None or any(message.media for message in request.messages):
            return counted
        try:
            reply = self.http.post("/apply-template", body, COUNTING)
        except errors.ServerError:
            return None
        prompt = (reply.json() or {}).get("prompt") if reply.ok else None
        return self._tokenized(body["model"], prompt) if isinstance(prompt, str) else None

    def _tokenized(self, model: str, text: str) -> int | None:
        body = {"model": model, "content": text, "add_special": True, "parse_special": True}
        try:
            reply = self.http.post("/tokenize", body, COUNTING)
        except errors.ServerError:
            return None
        tokens = (reply.json() or {}).get("tokens") if reply.ok else None
        return len(tokens) if isinstance(tokens, list) else None

    def _props(self, entry: dict[str, Any]) -> dict[str, Any]:
        """A router is asked about one model, and told not to load it for that."""
        props = self._optional("/props")
        if not is_router(props):
            return props
        if (entry.get("status") or {}).get("value") not in ("loaded", "sleeping"):
            return {}
        return self._optional(f"/props?model={quote(entry['id'], safe='')}&autoload=false")

    def _optional(self, path: str) -> dict[str, Any]:
        reply = self.http.get(path)
        value = reply.json() if reply.ok else None
        return value if isinstance(value, dict) else {}
