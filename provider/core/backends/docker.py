"""Docker Model Runner: many models, run by llama.cpp or vLLM when they are asked for."""

from typing import Any

from provider.core.backends.openai import OpenAICompatible
from provider.core.capabilities.docker import read_model, same_name
from provider.core.model_info import ModelInfo

ENGINES = "/engines"


class DockerModelRunner(OpenAICompatible):
    program = "docker"
    label = "Docker Model Runner"
    how_to_start = "docker desktop enable model-runner --tcp 12434"
    wants_bytes = True
    thinking_field = "reasoning_content"

    def is_same_model(self, one: str, other: str) -> bool:
        return same_name(one, other)

    def read(self, entry: dict[str, Any]) -> ModelInfo:
        return read_model(entry, self._all("/_configure"), self._all("/ps"))

    def models(self) -> list[ModelInfo]:
        settings, running = self._all("/_configure"), self._all("/ps")
        return [read_model(entry, settings, running) for entry in self.entries()]

    def how_to_get(self, model: str) -> str:
        return f"Get it: docker model pull {model}"

    def _all(self, route: str) -> list[dict[str, Any]]:
        """Its own routes are below /engines, whether or not that is part of the address."""
        reply = self.http.get(route if self.url.endswith(ENGINES) else ENGINES + route)
        value = reply.json() if reply.ok else None
        return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
