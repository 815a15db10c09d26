"""How each kind of server words an answer: a beginning, one event for each text, an end, and its failures."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from load_truth.plan import Plan

PROMPT_TOKENS = 7


def sse(value: Any) -> bytes:
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


class Shape:
    """The words of one answer."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.id = str(uuid4())
        self.usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": plan.events * plan.per_event}

    def begin(self) -> Iterator[bytes]:
        yield from ()

    def text(self, text: str, *, thinking: bool) -> bytes:
        raise NotImplementedError

    def end(self) -> Iterator[bytes]:
        raise NotImplementedError

    def error(self) -> Iterator[bytes]:
        """An error in the middle of a stream that began with status 200."""
        raise NotImplementedError

    def document(self, text: str) -> Any:
        """The same, not streamed."""
        raise NotImplementedError


class OpenAI(Shape):
    def begin(self) -> Iterator[bytes]:
        yield self._chunk({"role": "assistant", "content": ""})

    def text(self, text: str, *, thinking: bool) -> bytes:
        return self._chunk({"reasoning_content" if thinking else "content": text})

    def end(self) -> Iterator[bytes]:
        yield self._chunk({}, "stop")
        yield sse({"id": self.id, "object": "chat.completion.chunk", "choices": [], "usage": self.usage})
        yield b"data: [DONE]\n\n"

    def error(self) -> Iterator[bytes]:
        yield sse({"error": {"message": "the model ran away", "type": "server_error", "code": 500}})

    def document(self, text: str) -> Any:
        message = {"role": "assistant", "content": text}
        return {"id": self.id, "choices": [{"index": 0, "message": message}], "usage": self.usage}

    def _chunk(self, delta: Any, finish: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return sse({"id": self.id, "object": "chat.completion.chunk", "choices": choices})


class Ollama(Shape):
    content_type = "application/x-ndjson"

    def text(self, text: str, *, thinking: bool) -> bytes:
        return self._line(
            {"role": "assistant", "content": "" if thinking else text, "thinking": text if thinking else ""}
        )

    def end(self) -> Iterator[bytes]:
        yield self._line({"role": "assistant", "content": ""}, done=True, done_reason="stop", **self._counters())

    def error(self) -> Iterator[bytes]:
        yield json.dumps({"error": "the model ran away"}).encode() + b"\n"

    def document(self, text: str) -> Any:
        return {"message": {"role": "assistant", "content": text}, "done": True, **self._counters()}

    def _counters(self) -> dict[str, int]:
        return {"prompt_eval_count": PROMPT_TOKENS, "eval_count": self.usage["completion_tokens"]}

    def _line(self, message: Any, *, done: bool = False, **more: Any) -> bytes:
        value = {"model": "truth", "message": message, "done": done, **more}
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"
