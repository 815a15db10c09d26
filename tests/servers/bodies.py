"""What model servers write, message by message, as bytes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

DONE = b"data: [DONE]\n\n"
CREATED = "2026-11-21T00:00:00Z"
OPENAI_USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
OLLAMA_USAGE = {
    "total_duration": 5_000_000,
    "load_duration": 1_000_000,
    "prompt_eval_count": 7,
    "prompt_eval_duration": 1_000_000,
    "eval_count": 3,
    "eval_duration": 3_000_000,
}
# Go's encoder escapes these in every string; U+0085 it leaves as it is.
GO_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def ollama_line(
    content: str = "",
    *,
    thinking: str = "",
    tool_calls: Sequence[Mapping[str, Any]] = (),
    done: str = "",
    model: str = "m",
    **more: Any,
) -> bytes:
    """One line of /api/chat. `done` is the reason, and makes it the last line, with the counts."""
    message = {"role": "assistant", "content": content}
    message |= {"thinking": thinking} if thinking else {}
    message |= {"tool_calls": list(tool_calls)} if tool_calls else {}
    line = {"model": model, "created_at": CREATED, "message": message, "done": bool(done)}
    line |= {"done_reason": done, **OLLAMA_USAGE} if done else {}
    return ndjson(line | more)


def ollama_call(name: str, arguments: Mapping[str, Any], call_id: str = "", index: int = 0) -> dict[str, Any]:
    function = {"index": index, "name": name, "arguments": dict(arguments)}
    return {"id": call_id, "function": function} if call_id else {"function": function}


def ollama_stream(*contents: str) -> list[bytes]:
    return [*map(ollama_line, contents), ollama_line(done="stop")]


def ndjson(value: Any) -> bytes:
    """A line as Go writes it."""
    return compact(value).decode().translate(GO_ESCAPES).encode() + b"\n"


def sse(data: Any, event: str = "") -> bytes:
    """One server-sent event; `data` is text, or a value to be written as JSON."""
    payload = data.encode() if isinstance(data, str) else compact(data)
    return (f"event: {event}\n".encode() if event else b"") + b"data: " + payload + b"\n\n"


def openai_chunk(delta: Mapping[str, Any] | str = "", finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One chunk of /v1/chat/completions; a text stands for a delta with that content."""
    delta = {"content": delta} if isinstance(delta, str) and delta else delta or {}
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
    } | more


def usage_chunk() -> dict[str, Any]:
    return openai_chunk(choices=[], usage=OPENAI_USAGE)


def openai_stream(*deltas: Mapping[str, Any] | str, finish: str = "stop") -> list[bytes]:
    """A whole answer: role, deltas, finish reason, usage, [DONE]."""
    first = openai_chunk({"role": "assistant", "content": None})
    last = [openai_chunk(finish=finish), usage_chunk()]
    return [*map(sse, [first, *map(openai_chunk, deltas), *last]), DONE]


def call_delta(
    index: int | None = 0, call_id: str | None = None, name: str | None = None, arguments: str | None = None
) -> dict[str, Any]:
    """A delta with one piece of a tool call; what is `None` is left out."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    call = {"index": index, "id": call_id, "type": "function" if name else None, "function": function}
    return {"tool_calls": [{key: value for key, value in call.items() if value is not None}]}


def chat_completion(message: Mapping[str, Any], finish: str = "stop") -> dict[str, Any]:
    """The whole answer in one JSON body."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": OPENAI_USAGE}
