"""SGLang: one model; /get_model_info tells what it understands."""

from typing import Any

from provider.core.backends.room import CountsTheAnswer
from provider.core.capabilities.sglang import read_model
from provider.core.model_info import ModelInfo


class SGLang(CountsTheAnswer):
    program = "sglang"
    label = "SGLang"
    how_to_start = "python -m sglang.launch_server --model-path MODEL --host 0.0.0.0 --port 30000"
    thinking_field = "reasoning_content"

    def read(self, entry: dict[str, Any]) -> ModelInfo:
        return read_model(entry, self.optional("/get_model_info"))

    def how_to_get(self, model: str) -> str:
        return f"Start it with: python -m sglang.launch_server --model-path {model}"
