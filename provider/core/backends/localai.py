"""LocalAI: many models of many kinds; what each does is told by routes of its own and by the Ollama routes it plays."""

from typing import Any

from provider.core.backends.openai import OpenAICompatible
from provider.core.capabilities.localai import read_model
from provider.core.model_info import ModelInfo
from provider.core.wire.openai_request import Dialect


class LocalAI(OpenAICompatible):
    program = "localai"
    label = "LocalAI"
    how_to_start = "local-ai run MODEL"

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, self.program, template_switch=False, metadata_switch=True)

    def read(self, entry: dict[str, Any]) -> ModelInfo:
        """Only /api/show tells the context length."""
        name = entry["id"]
        reply = self.http.post("/api/show", {"model": name})
        show = reply.json() if reply.ok else None
        return read_model(name, show if isinstance(show, dict) else {}, self._listed().get(name, {}))

    def models(self) -> list[ModelInfo]:
        """Without their context lengths: that would be a question for each."""
        listed = self._listed()
        return [read_model(name, {}, listed.get(name, {})) for name in self.names()]

    def how_to_get(self, model: str) -> str:
        return f"Get it: local-ai models install {model}"

    def _listed(self) -> dict[str, dict[str, Any]]:
        """Newer than the rest; older versions take the path for a model's name."""
        data = self.optional("/v1/models/capabilities").get("data")
        return {each["id"]: each for each in data if "id" in each} if isinstance(data, list) else {}
