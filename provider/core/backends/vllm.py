"""vLLM: one model and its LoRA adapters; tells the window and counts prompts."""

from typing import Any

from provider.core.backends.room import CountsTheAnswer
from provider.core.chat import ChatRequest


class Vllm(CountsTheAnswer):
    program = "vllm"
    label = "vLLM"
    how_to_start = "vllm serve MODEL --host 0.0.0.0 --port 8000"
    thinking_field = "reasoning_content"

    def how_to_get(self, model: str) -> str:
        return f"Start it with: vllm serve {model} (--served-model-name gives it another name)."

    def count_tokens(self, request: ChatRequest) -> int | None:
        """/tokenize counts a whole chat, template and tools included."""
        _, body = self.encode(request)
        return self._tokens(body)

    def prompt_in(self, words: str, body: dict[str, Any]) -> int | None:
        """Its newest wording (“You passed N input tokens”) says only by how much the prompt is too long at least."""
        return super().prompt_in(words, body) or self._tokens(body)

    def _tokens(self, body: dict[str, Any]) -> int | None:
        asked = {name: body[name] for name in ("model", "messages", "tools", "prompt") if name in body}
        return self.counted("/tokenize", asked, "count")
