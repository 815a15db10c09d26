"""OpenAI's `/v1/chat/completions` and `/v1/completions`, as llama.cpp, vLLM, LM Studio and Ollama speak it.

The end is `[DONE]`, or a finish reason and the end of the body: some servers leave `[DONE]` out. The chunk with the
role, and deltas that are empty, are no tokens.
"""

from typing import Any

from load_client.dialects.base import Dialect, count, parsed

DONE = b"[DONE]"
WORDS = {"message", "detail"}  # names that no chunk of an answer has


class OpenAI(Dialect):
    """Chunks with `choices`; usage in the last one, if the request asked for it."""

    def read(self, data: bytes, at: int) -> None:
        if data.strip() == DONE:
            self.end(at)
            return
        chunk = parsed(data)
        self._notice(chunk)
        for choice in chunk.get("choices") or ():
            self._choice(choice, at)
        self._counters(chunk)

    def whole(self, value: Any, at: int) -> None:
        self._notice(value)
        for choice in value.get("choices") or ():
            message = choice.get("message") or {}
            self.text(message.get("content") or choice.get("text") or "", at, token=False)
            self.produced = self.produced or bool(message.get("tool_calls") or thought(message))
        self._counters(value)
        self.end(at)

    def _notice(self, value: dict[str, Any]) -> None:
        """An error: under its name or, in an `event: error`, the whole of it."""
        error = value.get("error") or (value if "choices" not in value and WORDS & value.keys() else None)
        if error:
            self.fail(_words(error))

    def _choice(self, choice: dict[str, Any], at: int) -> None:
        delta = choice.get("delta") or {}
        self.text(thought(delta), at, thinking=True)
        self.text(delta.get("content") or choice.get("text") or "", at)
        if delta.get("tool_calls"):
            self.call(at)
        if choice.get("finish_reason"):
            self.end(at)

    def _counters(self, value: dict[str, Any]) -> None:
        usage, timings = value.get("usage") or {}, value.get("timings") or {}
        exchange = self.exchange
        if usage:
            exchange.prompt_tokens = count(usage.get("prompt_tokens"))
            exchange.output_tokens = count(usage.get("completion_tokens"))
            exchange.cached_tokens = count((usage.get("prompt_tokens_details") or {}).get("cached_tokens"))
        for name in ("prompt_ms", "predicted_ms"):
            if isinstance(timings.get(name), int | float):
                exchange.server[name] = float(timings[name])


def thought(delta: dict[str, Any]) -> str:
    """Thinking, under either of its two names."""
    return delta.get("reasoning_content") or delta.get("reasoning") or ""


def _words(error: Any) -> Any:
    return error.get("message") or error.get("detail") or error if isinstance(error, dict) else error
