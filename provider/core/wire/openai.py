"""The OpenAI-style stream of /v1/chat/completions and /v1/completions, as local servers bend it."""

from typing import Any

from provider.core.chat import Event, Finished, Text, Thinking, ToolCalls, Usage
from provider.core.errors import BrokenStream
from provider.core.wire.failure import Refusal, error_in
from provider.core.wire.lines import excerpt, read_object
from provider.core.wire.sse import SSEDecoder
from provider.core.wire.tool_calls import ToolCallAssembler


class Decoder:
    """Bytes in, events out. The usage may follow the finish reason, so `Finished` waits for the end."""

    def __init__(self) -> None:
        self._sse = SSEDecoder()
        self._calls = ToolCallAssembler()
        self._reason: str | None = None
        self._done = False
        self._usage: Usage | None = None
        self.started = False

    @property
    def finished(self) -> bool:
        """Whether the end was seen: a finish reason, or `[DONE]` after an answer."""
        return self._reason is not None or (self._done and self.started)

    @property
    def complete(self) -> bool:
        """Whether nothing can follow, not even the usage."""
        return self._done

    def feed(self, data: bytes) -> list[Event]:
        """Raises `Refusal` for an error inside the stream, `BrokenStream` for what is not JSON."""
        events: list[Event] = []
        for name, payload in self._sse.feed(data):
            self._read(name, payload, events)
        return events

    def end(self) -> list[Event]:
        """The calls and the end of the answer.

        Raises:
            BrokenStream: the stream ended without a finish reason and without `[DONE]`, or was empty.
        """
        events: list[Event] = []
        if not self.finished:
            self._read_rest(events)
        if not self.finished:
            raise BrokenStream(self._without_end())
        reason = self._reason or "stop"
        if self._calls:
            events.append(ToolCalls(self._calls.finish(reason)))
            reason = "tool_calls"
        return [*events, Finished(_known(reason), self._usage)]

    def _read_rest(self, events: list[Event]) -> None:
        """Half a message at the end is a cut; whole lines outside of events are an unstreamed answer."""
        try:
            for name, payload in self._sse.end():
                self._read(name, payload, events)
        except BrokenStream as error:
            raise BrokenStream(self._without_end()) from error
        if self._sse.plain and not self._sse.events:
            self._read(b"", b"\n".join(self._sse.plain), events)

    def _read(self, name: bytes, payload: bytes, events: list[Event]) -> None:
        if payload.startswith(b"[DONE]"):
            self._done = True
            return
        if not payload.strip():
            return
        part = read_object(payload)
        if ("choices" not in part or "error" in part) and (failure := error_in(part, name)):
            raise Refusal(failure)
        self._read_counts(part)
        for choice in part.get("choices") or ():
            if not choice.get("index"):  # we ask for one answer; were there more, the first is it
                self._read_choice(choice, events)

    def _read_choice(self, choice: dict[str, Any], events: list[Event]) -> None:
        self.started = True
        delta = choice.get("delta") or choice.get("message") or choice
        if thinking := delta.get("reasoning_content") or delta.get("reasoning"):
            events.append(Thinking(thinking if isinstance(thinking, str) else str(thinking)))
        if text := delta.get("content") or delta.get("text"):
            events.append(Text(text if isinstance(text, str) else _joined(text)))
        for piece in delta.get("tool_calls") or ():
            self._calls.add(piece)
        if legacy := delta.get("function_call"):
            self._calls.add({"index": 0, "function": legacy})
        self._reason = choice.get("finish_reason") or self._reason

    def _read_counts(self, part: dict[str, Any]) -> None:
        if usage := part.get("usage"):
            self._usage = Usage(usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0)
        elif self._usage is None and (timings := part.get("timings")):
            prompt = (timings.get("cache_n") or 0) + (timings.get("prompt_n") or 0)
            self._usage = Usage(prompt, timings.get("predicted_n") or 0)

    def _without_end(self) -> str:
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


def _joined(parts: list[Any]) -> str:
    """Some servers send content as a list of parts."""
    return "".join(part.get("text") or "" if isinstance(part, dict) else str(part) for part in parts)


def _known(reason: str) -> str:
    """One word per meaning: Dify shows the reason, agents test it."""
    return {"eos": "stop", "function_call": "tool_calls", "max_tokens": "length", "stop_sequence": "stop"}.get(
        reason, reason
    )
