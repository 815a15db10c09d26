"""KoboldCpp: one model; it also plays Ollama and llama.cpp, but its own routes tell more."""

from typing import Any

from provider.core.backends.openai import OpenAICompatible
from provider.core.capabilities.koboldcpp import has_model, read_model
from provider.core.capabilities.openai import count
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo
from provider.core.wire.openai_request import Dialect


class KoboldCpp(OpenAICompatible):
    program = "koboldcpp"
    label = "KoboldCpp"
    how_to_start = "koboldcpp --model FILE.gguf --port 5001"
    wants_bytes = True

    @property
    def dialect(self) -> Dialect:
        """Its json_object means an array; a schema means what it says."""
        return Dialect(self.kind, self.program, json_object=False)

    def entries(self) -> list[dict[str, Any]]:
        return [entry for entry in super().entries() if has_model(entry)]

    def read(self, entry: dict[str, Any]) -> ModelInfo:
        context = self.optional("/api/extra/true_max_context_length").get("value")
        return read_model(entry, self.optional("/api/extra/version"), count(context))

    def how_to_get(self, model: str) -> str:
        return f"Start it with: koboldcpp --model {model}.gguf, or use the name above."

    def count_tokens(self, request: ChatRequest) -> int | None:
        """Versions that do not know `messages` count an empty prompt, and do not give it back."""
        _, body = self.encode(request)
        asked = {name: body[name] for name in ("messages", "tools", "prompt") if name in body}
        if "messages" in asked and not self.counted("/api/extra/tokencount", asked, "prompt"):
            return None
        return self.counted("/api/extra/tokencount", asked, "value")
