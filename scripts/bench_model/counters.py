"""What a server measured itself: the last figures in its answer, read from the bytes as they pass."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provider.core.wire.lines import LineSplitter

NANOSECONDS = 1e9
MILLISECONDS = 1e3
SIGNS = (b'"timings"', b'"eval_duration"', b'"total_duration"')


@dataclass(frozen=True, slots=True)
class Counters:
    """Seconds and tokens; what a server does not tell is `None`.

    `prompt_tokens` were computed now; `cached_tokens` were known from an earlier request.
    """

    load: float | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    prompt_seconds: float | None = None
    output_tokens: int | None = None
    output_seconds: float | None = None

    @property
    def prefill_rate(self) -> float | None:
        return _rate(self.prompt_tokens, self.prompt_seconds)

    @property
    def decode_rate(self) -> float | None:
        return _rate(self.output_tokens, self.output_seconds)


class CounterReader:
    """Gets the same bytes as the decoder, however the network cut them."""

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._last: Mapping[str, Any] = {}

    def feed(self, data: bytes) -> None:
        for line in self._lines.feed(data):
            self._read(line)

    def counters(self) -> Counters | None:
        """Of the finished answer; `None` when this server tells nothing."""
        self._read(self._lines.end())
        if timings := self._last.get("timings"):
            return _llamacpp(timings)
        return _ollama(self._last) if self._last else None

    def _read(self, line: bytes) -> None:
        if not any(sign in line for sign in SIGNS):
            return
        try:
            value = json.loads(line.removeprefix(b"data:"))
        except ValueError:
            return  # the decoder says what is wrong with it
        if isinstance(value, dict):
            self._last = value


def _ollama(last: Mapping[str, Any]) -> Counters:
    """Go leaves out what is zero, and durations are nanoseconds."""
    return Counters(
        _seconds(last, "load_duration", NANOSECONDS),
        last.get("prompt_eval_count"),
        None,
        _seconds(last, "prompt_eval_duration", NANOSECONDS),
        last.get("eval_count"),
        _seconds(last, "eval_duration", NANOSECONDS),
    )


def _llamacpp(timings: Mapping[str, Any]) -> Counters:
    return Counters(
        None,
        timings.get("prompt_n"),
        timings.get("cache_n"),
        _seconds(timings, "prompt_ms", MILLISECONDS),
        timings.get("predicted_n"),
        _seconds(timings, "predicted_ms", MILLISECONDS),
    )


def _seconds(facts: Mapping[str, Any], name: str, unit: float) -> float | None:
    value = facts.get(name)
    return value / unit if isinstance(value, int | float) else None


def _rate(tokens: int | None, seconds: float | None) -> float | None:
    return tokens / seconds if tokens and seconds else None
