"""llama.cpp's llama-server, with one model or as a router in front of several."""

from time import sleep
from typing import Any
from urllib.parse import quote

from provider.core import errors
from provider.core.backends.openai import COUNTING, OpenAICompatible
from provider.core.capabilities.llamacpp import is_router, names_of, read_model
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo
from provider.core.wire.openai_request import Dialect
from provider.core.wire.shapes import mapping

# Seconds between questions to a server that is still loading, before it is told: most models load within them.
WHILE_LOADING = (0.5, 1.0, 1.5, 2.0, 2.0, 3.0)
IN_MEMORY = ("loaded", "sleeping")


class LlamaCpp(OpenAICompatible):
    kind = "llamacpp"
    label = "llama.cpp"
    how_to_start = "llama-server --model FILE.gguf --host 0.0.0.0 --port 8080"
    wants_bytes = True  # it would fetch an address, but from its own machine, which may not reach Dify's files

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, thinking_field="reasoning_content")

    def entries(self) -> list[dict[str, Any]]:
        """While the model loads every route answers 503, this one too; that is waited for, though not long."""
        pauses = iter(WHILE_LOADING if self.waits else ())
        while True:
            try:
                return super().entries()
            except errors.Loading:
                pause = next(pauses, None)
                if pause is None:
                    raise
                sleep(pause)

    def offers(self) -> tuple[str, ...]:
        """Asked of several servers at once, of which another may be ready: a loading one is not waited for."""
        return tuple(name for entry in super().entries() for name in names_of(entry))

    def describe(self, model: str) -> ModelInfo:
        entries = self.entries()
        entry = next((entry for entry in entries if model in names_of(entry)), None)
        if entry is None:
            raise self.missing(model, [entry["id"] for entry in entries])
        return read_model({**entry, "id": model}, self._props(entry))

    def models(self) -> list[ModelInfo]:
        """By the list alone: a router would be asked about each."""
        return [read_model(entry, {}) for entry in self.entries()]

    def check_health(self) -> None:
        """/health tells of a model that is still loading, and never wakes one that sleeps."""
        self.checked(self.http.get("/health"))
        super().check_health()

    def how_to_get(self, model: str) -> str:
        return f"Start llama-server with --alias {model}, or use one of the names above."

    def count_tokens(self, request: ChatRequest) -> int | None:
        """Exact by one route in newer builds, by two in older ones; neither takes a slot."""
        _, body = self.encode(request)
        if request.completion:
            return self._tokenized(body["model"], body["prompt"])
        counted = self.counted("/v1/chat/completions/input_tokens", body, "input_tokens")
        if counted is not None or any(message.media for message in request.messages):
            return counted
        try:
            reply = self.http.post("/apply-template", body, COUNTING)
        except errors.ServerError:
            return None
        prompt = mapping(reply.json()).get("prompt") if reply.ok else None
        return self._tokenized(body["model"], prompt) if isinstance(prompt, str) else None

    def _tokenized(self, model: str, text: str) -> int | None:
        body = {"model": model, "content": text, "add_special": True, "parse_special": True}
        try:
            reply = self.http.post("/tokenize", body, COUNTING)
        except errors.ServerError:
            return None
        tokens = mapping(reply.json()).get("tokens") if reply.ok else None
        return len(tokens) if isinstance(tokens, list) else None

    def _props(self, entry: dict[str, Any]) -> dict[str, Any]:
        """A router is asked about one model, and told not to load it for that."""
        props = self.optional("/props")
        if not is_router(props):
            return props
        if mapping(entry.get("status")).get("value") not in IN_MEMORY:
            return {}
        return self.optional(f"/props?model={quote(entry['id'], safe='')}&autoload=false")
