"""Lemonade: many models of many kinds, labelled; llama.cpp, FastFlowLM, vLLM or ONNX runs them."""

from typing import Any

from provider.core.backends.openai import OpenAICompatible
from provider.core.capabilities.lemonade import loaded_models, read_model
from provider.core.model_info import ModelInfo


class Lemonade(OpenAICompatible):
    program = "lemonade"
    label = "Lemonade"
    how_to_start = "lemonade-server serve --host 0.0.0.0"
    wants_bytes = True

    def read(self, entry: dict[str, Any]) -> ModelInfo:
        return read_model(entry, self._loaded())

    def models(self) -> list[ModelInfo]:
        loaded = self._loaded()
        return [read_model(entry, loaded) for entry in self.entries()]

    def how_to_get(self, model: str) -> str:
        return f"Get it: lemonade pull {model}"

    def _loaded(self) -> frozenset[str]:
        return loaded_models(self.optional("/v1/health"))
