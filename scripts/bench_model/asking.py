"""One question through the plugin's own client, with a clock and a reader of counters beside it."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from provider.core.backends import Backend
from provider.core.body import Body
from provider.core.chat import ChatRequest, Finished, Text, Thinking, Usage
from provider.core.errors import BrokenStream
from provider.core.http import Http
from provider.core.server import Server
from scripts.bench_model.counters import CounterReader
from scripts.bench_model.run import Run

type Clock = Callable[[], float]


class HeardBody(Body):
    """The same answer; each piece is heard before the decoder gets it."""

    def __init__(self, body: Body, hear: Callable[[bytes], None]) -> None:
        vars(self).update(vars(body))
        self._hear = hear

    def read(self) -> bytes:
        data = super().read()
        self._hear(data)
        return data


class WatchedHttp(Http):
    """Notes when a question is first sent, and hands its answer to a new reader."""

    def __init__(self, server: Server, clock: Clock) -> None:
        super().__init__(server)
        self.sent: float | None = None
        self.reader = CounterReader()
        self._clock = clock

    def stream(self, path: str, body: Mapping[str, Any], deadline: float) -> Body:
        self.reader = CounterReader()
        self.sent = self._clock() if self.sent is None else self.sent
        return HeardBody(super().stream(path, body, deadline), self.reader.feed)


class Asker:
    """Asks one server, one question after the other."""

    def __init__(self, backend: Backend, clock: Clock = time.perf_counter) -> None:
        self.backend = backend
        self._clock = clock
        self._http = WatchedHttp(backend.http.server, clock)
        backend.http = self._http

    def ask(self, request: ChatRequest) -> Run:
        """Until its end. Raises a `ServerError` when the server does not answer properly."""
        self._http.sent = None
        first = visible = last = finished = None
        for event in self.backend.chat(request):
            now = self._clock()
            match event:
                case Thinking(text) if text:
                    first, last = first or now, now
                case Text(text) if text:
                    first, visible, last = first or now, visible or now, now
                case Finished():
                    finished = event
        end = self._clock()
        if finished is None or self._http.sent is None:
            raise BrokenStream(f"{self.backend.url}: the answer has no end")
        usage = finished.usage or Usage(0, 0)
        return Run(
            self._http.sent,
            first,
            visible,
            last,
            end,
            usage.prompt_tokens or None,
            usage.completion_tokens or None,
            finished.reason,
            self._http.reader.counters(),
        )
