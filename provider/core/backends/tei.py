"""Text Embeddings Inference: one model, for vectors or for ranking, never for chat."""

from typing import Any

from provider.core import errors
from provider.core.backends.openai import OpenAICompatible
from provider.core.capabilities.tei import read_info
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo


class Tei(OpenAICompatible):
    program = "tei"
    label = "Text Embeddings Inference"
    how_to_start = "text-embeddings-router --model-id MODEL --port 8080"

    def models(self) -> list[ModelInfo]:
        return [read_info(self.checked(self.http.get("/info")))]

    def names(self) -> list[str]:
        return [model.name for model in self.models()]

    def describe(self, model: str) -> ModelInfo:
        """It pays no heed to the model's name, so a wrong one would go unnoticed."""
        [info] = self.models()
        if info.name != model:
            raise self.missing(model, [info.name])
        return info

    def how_to_get(self, model: str) -> str:
        return f"Start it with: text-embeddings-router --model-id {model}"

    def check_health(self) -> None:
        self.checked(self.http.get("/info"))

    def encode(self, request: ChatRequest) -> tuple[str, dict[str, Any]]:
        raise errors.Rejected(f"{self.label} at {self.url} gives vectors or rankings, and cannot chat")
