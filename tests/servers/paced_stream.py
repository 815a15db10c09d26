"""An answer whose chunks are written each at its time, and the counts of all that was served."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tests.servers.bodies import DONE, OLLAMA_USAGE, ollama_line, openai_chunk, sse

BURST = 32  # messages written for one client before the others get their turn
MODEL_AS_PACE = re.compile(r"(\d+)x(\d+\.?\d*)")

type Write = Callable[[bytes], None]
type Done = Callable[[], None]


@dataclass(slots=True)
class Stats:
    connections: int = 0  # those that asked for more than these counts
    requests: int = 0
    chunks: int = 0
    streams_open: int = 0
    streams_most: int = 0  # at the same time
    late_most: float = 0.0  # seconds by which a chunk missed its time: how busy this server itself was
    cpu_seconds: float = 0.0

    def told(self) -> dict[str, Any]:
        return asdict(self) | {"cpu_seconds": time.process_time() - self.cpu_seconds}

    def reset(self) -> None:
        self.connections = self.requests = self.chunks = 0
        self.streams_most, self.late_most = self.streams_open, 0.0
        self.cpu_seconds = time.process_time()

    def open_stream(self) -> None:
        self.streams_open += 1
        self.streams_most = max(self.streams_most, self.streams_open)


@dataclass(frozen=True, slots=True)
class Pace:
    chunks: int = 100
    pause: float = 0.02  # seconds between two chunks; the first comes at once
    text: str = "word "

    def of(self, model: Any) -> "Pace":
        match = MODEL_AS_PACE.fullmatch(str(model))
        return Pace(int(match[1]), float(match[2]), self.text) if match else self


class PacedStream:
    """The chunks of one answer, each written at its time."""

    def __init__(self, pace: Pace, messages: "Messages", stats: Stats, wires: tuple[Write, Done]) -> None:
        self._pace, self._messages, self._stats = pace, messages, stats
        self._write, self._done = wires
        self._left = pace.chunks
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self._is_held = False
        self._timer: asyncio.Handle = self._loop.call_soon(self._step)

    def hold(self) -> None:
        """The client does not read fast enough, or has gone."""
        self._is_held = True
        self._timer.cancel()

    def go_on(self) -> None:
        self._is_held = False
        self._timer = self._loop.call_at(self._due, self._step)

    def _step(self) -> None:
        if self._pace.pause:
            self._stats.late_most = max(self._stats.late_most, self._loop.time() - self._due)
        for _ in range(1 if self._pace.pause else BURST):
            self._write_next()
            if self._is_held:
                return
        self._timer = self._loop.call_at(self._due, self._step)

    def _write_next(self) -> None:
        if self._left:
            self._left -= 1
            self._stats.chunks += 1
            self._due += self._pace.pause
            self._write(self._messages.each)
        else:
            self._is_held = True
            self._write(self._messages.end)
            self._done()


@dataclass(frozen=True, slots=True)
class Messages:
    """As they go over the wire, each in an HTTP chunk of its own."""

    each: bytes
    end: bytes


def ollama_messages(pace: Pace) -> Messages:
    counts = {**OLLAMA_USAGE, "eval_count": pace.chunks}
    return Messages(chunk(ollama_line(pace.text)), chunk(ollama_line(done="stop", **counts)) + chunk(b""))


def openai_messages(pace: Pace) -> Messages:
    usage = {"prompt_tokens": 7, "completion_tokens": pace.chunks, "total_tokens": 7 + pace.chunks}
    end = [sse(openai_chunk(finish="stop")), sse(openai_chunk(choices=[], usage=usage)), DONE, b""]
    return Messages(chunk(sse(openai_chunk(pace.text))), b"".join(map(chunk, end)))


def chunk(piece: bytes) -> bytes:
    """HTTP's framing; the empty piece ends a body."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)
