"""Ollama's `/api/chat` and `/api/generate`: a JSON object a line, the last one with `done: true`."""

from typing import Any, ClassVar

from load_client.dialects.base import Dialect, count, parsed
from load_client.splitting import JsonLines, ServerSentEvents

NS_PER_MS = 1_000_000
DURATIONS = {
    "load_duration": "load_ms",
    "prompt_eval_duration": "prompt_ms",
    "eval_duration": "predicted_ms",
    "total_duration": "elapsed_ms",
}


class Ollama(Dialect):
    """Durations come in ns, counts in the last line only."""

    splitter: ClassVar[type[ServerSentEvents | JsonLines]] = JsonLines
    content_type: ClassVar[str] = "application/x-ndjson"

    def read(self, data: bytes, at: int) -> None:
        line = parsed(data)
        self._line(line, at, token=True)

    def whole(self, value: Any, at: int) -> None:
        self._line(value, at, token=False)
        self.end(at)

    def _line(self, line: dict[str, Any], at: int, *, token: bool) -> None:
        if line.get("error"):
            self.fail(line["error"])
        message = line.get("message") or line
        thinking = message.get("thinking") or ""
        self.produced = self.produced or bool(thinking and not token)
        if token:
            self.text(thinking, at, thinking=True)
        self.text(message.get("content") or line.get("response") or "", at, token=token)
        if message.get("tool_calls"):
            self.call(at)
        if line.get("done"):
            self._last(line, at)

    def _last(self, line: dict[str, Any], at: int) -> None:
        self.exchange.prompt_tokens = count(line.get("prompt_eval_count"))
        self.exchange.output_tokens = count(line.get("eval_count"))
        for name, ours in DURATIONS.items():
            if isinstance(line.get(name), int):
                self.exchange.server[ours] = line[name] / NS_PER_MS
        self.end(at)
