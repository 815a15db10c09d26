"""The rules for an LLM's answer, chunk by chunk and as a whole."""

import json
from collections.abc import Iterator
from typing import Any

ROLES = ("system", "user", "assistant", "tool")
PARTS = ("text", "image", "audio", "video", "document")
USAGE = (
    *("prompt_tokens", "prompt_unit_price", "prompt_price_unit", "prompt_price"),
    *("completion_tokens", "completion_unit_price", "completion_price_unit", "completion_price"),
    *("total_tokens", "total_price", "currency", "latency"),
)
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


class ChunkRules:
    """Remembers what the next chunk may no longer do."""

    def __init__(self, *, streaming: bool = True) -> None:
        self._streaming = streaming
        self._chunks = 0
        self._index = 0
        self._has_calls = False
        self._has_usage = False

    def take(self, chunk: Any) -> list[str]:
        delta = _object(_object(chunk).get("delta"))
        return [*_shape(chunk), *self._order(delta)]

    def end(self) -> list[str]:
        """A stream that ended without an error is a whole answer."""
        if not self._chunks:
            return ["an answer without a chunk"]
        return [] if self._has_usage else ["no chunk has usage; the last one must"]

    def _order(self, delta: dict[str, Any]) -> Iterator[str]:
        yield from self._after_the_last()
        yield from self._after_index(delta.get("index"))
        yield from self._after_calls(_calls(delta))
        self._chunks += 1
        self._has_usage = self._has_usage or delta.get("usage") is not None

    def _after_the_last(self) -> Iterator[str]:
        if self._has_usage:
            yield "a chunk after the one with usage, which must be the last"
        elif self._chunks and not self._streaming:
            yield "a second chunk in an answer that was not to be streamed"

    def _after_index(self, index: Any) -> Iterator[str]:
        if _is_int(index):
            if index < self._index:
                yield f"delta.index fell from {self._index} to {index}"
            self._index = index

    def _after_calls(self, calls: list[Any]) -> Iterator[str]:
        """Dify runs every call it is shown, each time it is shown it."""
        if calls and self._has_calls:
            yield "tool calls in a second chunk"
        self._has_calls = self._has_calls or bool(calls)


def _shape(chunk: Any) -> Iterator[str]:
    if not _is_text(_object(chunk).get("model")):
        yield "chunk.model is empty"
    delta = _object(chunk).get("delta")
    if not isinstance(delta, dict):
        yield "chunk.delta is no object"
        return
    if not _is_int(delta.get("index")):
        yield f"delta.index is {delta.get('index')!r}, no integer"
    if not isinstance(delta.get("finish_reason"), str | None):
        yield "delta.finish_reason is no string"
    yield from _message_shape(delta.get("message"))
    yield from _usage_shape(delta.get("usage"))


def _message_shape(message: Any) -> Iterator[str]:
    if not isinstance(message, dict):
        yield "delta.message is no object"
        return
    if message.get("role") not in ROLES:
        yield f"message.role is {message.get('role')!r}"
    yield from _content_shape(message.get("content"))
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list):
        yield "message.tool_calls is no list"
        return
    for call in calls:
        yield from _call_shape(_object(call))
    ids = [_object(call).get("id") for call in calls]
    if len({*map(str, ids)}) < len(ids):
        yield f"tool calls share an id: {ids}"


def _content_shape(content: Any) -> Iterator[str]:
    if not isinstance(content, str | list):
        yield f"message.content is {content!r}, neither text nor a list"
    elif isinstance(content, list) and any(_object(part).get("type") not in PARTS for part in content):
        yield "message.content has a part of an unknown type"


def _call_shape(call: dict[str, Any]) -> Iterator[str]:
    function = _object(call.get("function"))
    if not _is_text(call.get("id")):
        yield "a tool call without an id"
    if call.get("type") != "function":
        yield f"a tool call of type {call.get('type')!r}"
    if not _is_text(function.get("name")):
        yield "a tool call without a name"
    if not _is_json_object(function.get("arguments")):
        yield f"tool arguments that are no JSON object: {function.get('arguments')!r}"


def _usage_shape(usage: Any) -> Iterator[str]:
    if usage is None:
        return
    missing = [name for name in USAGE if _object(usage).get(name) is None]
    if missing:
        yield f"usage without {', '.join(missing)}"
    broken = [name for name in COUNTS if name not in missing and not _is_int(usage[name])]
    if broken:
        yield f"usage with no integer in {', '.join(broken)}"


def _calls(delta: dict[str, Any]) -> list[Any]:
    calls = _object(delta.get("message")).get("tool_calls")
    return calls if isinstance(calls, list) else []


def _is_json_object(text: Any) -> bool:
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
