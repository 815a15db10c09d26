"""Ollama's /api/chat and /api/generate: one JSON object a line."""

from typing import Any

from provider.core.chat import Event, Finished, Text, Thinking, ToolCalls, Usage
from provider.core.errors import BrokenStream
from provider.core.wire.failure import Refusal, error_in
from provider.core.wire.lines import LineSplitter, read_object
from provider.core.wire.shapes import count, mapping, objects, words
from provider.core.wire.tool_calls import ToolCallAssembler

# Gateways that turn the lines into server-sent events add these.
NOT_OURS = (b":", b"event:", b"id:", b"retry:")


class Decoder:
    """Bytes in, events out; `finished` tells whether the last message (`done`) was seen."""

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._calls = ToolCallAssembler()
        self._last: dict[str, Any] | None = None
        self._failure: Refusal | BrokenStream | None = None
        self.started = False

    @property
    def finished(self) -> bool:
        return self._last is not None

    @property
    def complete(self) -> bool:
        """Nothing follows Ollama's last message, or an error."""
        return self.finished or self._failure is not None

    def feed(self, data: bytes) -> list[Event]:
        """Raises `Refusal` for an error line, `BrokenStream` for what is not Ollama's.

        What came before the error in the same piece is given first; then `end` raises.
        """
        events: list[Event] = []
        try:
            for line in self._lines.feed(data):
                if line:
                    self._read(line, events)
        except (Refusal, BrokenStream) as error:
            if not events:
                raise
            self._failure = error
        return events

    def end(self) -> list[Event]:
        """The calls and the end of the answer.

        Raises:
            BrokenStream: the stream ended without its `done` message.
        """
        events: list[Event] = []
        if self._failure and not (self.finished and isinstance(self._failure, BrokenStream)):
            raise self._failure
        rest = self._lines.end()
        if rest.strip() and not self.finished:
            self._read_rest(rest, events)
        if self._last is None:
            raise BrokenStream(_without_end(started=self.started))
        reason = _reason(self._last)
        if self._calls:
            events.append(ToolCalls(self._calls.finish(reason)))
            reason = "tool_calls"
        return [*events, Finished(reason, _usage(self._last))]

    def _read_rest(self, rest: bytes, events: list[Event]) -> None:
        try:
            self._read(rest, events)
        except BrokenStream as error:
            if rest.lstrip().startswith(b"{"):
                raise BrokenStream(_without_end(started=True)) from error
            raise

    def _read(self, line: bytes, events: list[Event]) -> None:
        if not line.startswith(b"{"):
            line = _unwrapped(line)
            if not line:
                return
        part = read_object(line)
        self.started = True
        if "error" in part and (failure := error_in(part)):
            raise Refusal(failure)
        self._read_message(part, events)
        if part.get("done") or part.get("done_reason"):
            self._last = part

    def _read_message(self, part: dict[str, Any], events: list[Event]) -> None:
        message = mapping(part.get("message")) or part
        if thinking := words(message.get("thinking")):
            events.append(Thinking(thinking))
        if text := words(message.get("content") or part.get("response")):
            events.append(Text(text))
        for call in objects(message.get("tool_calls")):
            self._calls.add_whole(call)


def _unwrapped(line: bytes) -> bytes:
    line = line.strip()
    if line.startswith(b"data:"):
        line = line[5:].strip()
    return b"" if line == b"[DONE]" or line.startswith(NOT_OURS) else line


def _reason(part: dict[str, Any]) -> str:
    return "length" if part.get("done_reason") == "length" else "stop"


def _usage(part: dict[str, Any]) -> Usage | None:
    """Absent counts mean zero (Go's omitempty), but with both absent nothing was counted."""
    if "eval_count" not in part and "prompt_eval_count" not in part:
        return None
    return Usage(count(part.get("prompt_eval_count")), count(part.get("eval_count")))


def _without_end(*, started: bool) -> str:
    if not started:
        return "the server answered with nothing at all"
    return (
        "the answer stopped before its end: the connection closed without Ollama's last message "
        "(it crashed, was stopped, a proxy cut the connection, or it gave up on an answer that repeats itself)"
    )
