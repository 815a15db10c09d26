"""The OpenAI-style stream of /v1/chat/completions and /v1/completions, as local servers bend it."""

from typing import Any

from provider.core.chat import Event, Finished, Text, Thinking, ToolCalls, Usage
from provider.core.errors import BrokenStream
from provider.core.wire.failure import Refusal, error_in
from provider.core.wire.lines import excerpt, read_object
from provider.core.wire.shapes import count, mapping, name, objects, words
from provider.core.wire.sse import SSEDecoder
from provider.core.wire.tool_calls import ToolCallAssembler

THOUGHTS = ("reasoning_content", "reasoning", "reasoning_text", "reasoning_details", "thinking")
REASONS = {  # one word per meaning: Dify shows the reason, agents test it
    "eos": "stop", "eos_token": "stop", "stop_sequence": "stop", "end_turn": "stop",
    "max_tokens": "length", "model_length": "length",
    "function_call": "tool_calls", "tool_call": "tool_calls", "tool_use": "tool_calls",
}  # fmt: skip
BROKEN_OFF = ("error", "abort", "aborted", "cancelled", "canceled")


class Decoder:
    """Bytes in, events out. The usage may follow the finish reason, so `Finished` waits for the end."""

    def __init__(self) -> None:
        self._sse = SSEDecoder()
        self._calls = ToolCallAssembler()
        self._reason = ""
        self._done = False
        self._usage: Usage | None = None
        self._failure: Refusal | BrokenStream | None = None
        self.started = False

    @property
    def finished(self) -> bool:
        """Whether the end was seen: a finish reason, or `[DONE]` after an answer."""
        return bool(self._reason) or (self._done and self.started)

    @property
    def complete(self) -> bool:
        """Whether nothing can follow, not even the usage."""
        return self._done or self._failure is not None

    def feed(self, data: bytes) -> list[Event]:
        """Raises `Refusal` for an error inside the stream, `BrokenStream` for what is not JSON.

        What came before the error in the same piece is given first; then `end` raises.
        """
        events: list[Event] = []
        try:
            for event, payload in self._sse.feed(data):
                self._read(event, payload, events)
        except (Refusal, BrokenStream) as error:
            if not events:
                raise
            self._failure = error
        return events

    def end(self) -> list[Event]:
        """The calls and the end of the answer.

        Raises:
            BrokenStream: the stream ended without a finish reason and without `[DONE]`, or was empty.
        """
        events: list[Event] = []
        if self._failure and not (self.finished and isinstance(self._failure, BrokenStream)):
            raise self._failure
        if not self.finished:
            self._read_rest(events)
        if not self.finished or self._reason in BROKEN_OFF:
            raise BrokenStream(self._without_end())
        reason = self._reason or "stop"
        if self._calls:
            events.append(ToolCalls(self._calls.finish(reason)))
            reason = "tool_calls"
        return [*events, Finished(reason, self._usage)]

    def _read_rest(self, events: list[Event]) -> None:
        """Half a message at the end is a cut; whole lines outside of events are an unstreamed answer."""
        try:
            for event, payload in self._sse.end():
                self._read(event, payload, events)
        except BrokenStream as error:
            if not self.started:
                raise
            raise BrokenStream(self._without_end()) from error
        if self._sse.plain and not self._sse.events:
            self._read(b"", b"\n".join(self._sse.plain), events)

    def _read(self, event: bytes, payload: bytes, events: list[Event]) -> None:
        if payload.startswith(b"[DONE]"):
            self._done = True
            return
        if not payload.strip():
            return
        part = read_object(payload)
        if ("choices" not in part or "error" in part) and (failure := error_in(part, event)):
            raise Refusal(failure)
        self._read_counts(part)
        for choice in objects(part.get("choices")):
            if not choice.get("index"):  # we ask for one answer; were there more, the first is it
                self._read_choice(choice, events)

    def _read_choice(self, choice: dict[str, Any], events: list[Event]) -> None:
        self.started = True
        delta = choice.get("delta")
        if not isinstance(delta, dict):  # beside a delta, a message would repeat the whole answer
            delta = mapping(choice.get("message")) or choice
        thinking, text = _spoken(delta)
        if thinking:
            events.append(Thinking(thinking))
        if text:
            events.append(Text(text))
        for piece in objects(delta.get("tool_calls")):
            self._calls.add(piece)
        if legacy := mapping(delta.get("function_call")):
            self._calls.add({"index": 0, "function": legacy})
        self._reason = _reason(choice.get("finish_reason")) or self._reason

    def _read_counts(self, part: dict[str, Any]) -> None:
        """Nobody counts a prompt of no tokens: such a usage was not counted at all."""
        usage, timings = mapping(part.get("usage")), mapping(part.get("timings"))
        if counted := _usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))):
            self._usage = counted
        elif self._usage is None and timings:
            prompt = count(timings.get("cache_n")) + count(timings.get("prompt_n"))
            self._usage = _usage(prompt, count(timings.get("predicted_n")))

    def _without_end(self) -> str:
        if self._reason in BROKEN_OFF:
            return f"the answer stopped before its end: the server broke it off (finish reason “{self._reason}”)"
        if self.started:
            return (
                "the answer stopped before its end: the connection closed without a finish reason "
                "(the server crashed, was stopped, or a proxy cut the connection)"
            )
        if self._sse.plain:
            return f"the server did not answer with a chat: {excerpt(b' '.join(self._sse.plain))}"
        return (
            "the server answered with nothing at all; some servers do so when the prompt is longer than their context"
        )


def _spoken(delta: dict[str, Any]) -> tuple[str, str]:
    """What was thought, under any of its names, and what was said."""
    thinking = next((found for field in THOUGHTS if (found := words(delta.get(field)))), "")
    content = delta.get("content") or delta.get("text")
    if not isinstance(content, list):
        return thinking, words(content)
    thoughts = [part for part in objects(content) if part.get("type") in ("thinking", "reasoning")]
    said = [part for part in content if part not in thoughts]
    return thinking or words([part.get("thinking") or part for part in thoughts]), words(said)


def _usage(prompt: int, completion: int) -> Usage | None:
    return Usage(prompt, completion) if prompt or completion else None


def _reason(value: Any) -> str:
    """SGLang's own routes have an object here."""
    given = name(mapping(value).get("type", value)).lower()
    return REASONS.get(given, given)
