"""One answer as its bytes come: HTTP, events and dialect put together. It owns no socket and no clock."""

import json
from collections.abc import Callable
from typing import Any

from load_client.dialects import DIALECTS
from load_client.http1 import SIZES, CutOff, NotHttp, Response
from load_client.refusals import is_error, refusal, words
from load_client.repeated import Repeated
from load_metrics.exchange import Exchange, Outcome

GOOD = range(200, 300)
LARGEST_REFUSAL = 65536  # bytes of an error's body that are kept
LARGEST_DOCUMENT = 64 * 1024 * 1024


def _nothing() -> None: ...


class Answer:
    """Feed it what was read, then `finish` it: the exchange has its outcome, and nothing was raised."""

    def __init__(self, exchange: Exchange, dialect: str) -> None:
        self.exchange = exchange
        self.response = Response()
        self.done = False
        self.on_done: Callable[[], None] = _nothing
        self.last = 0
        """When the last byte came."""
        self._dialect = DIALECTS[dialect](exchange)
        self._splitter = self._dialect.splitter()
        self._document = bytearray()
        self._fault: tuple[Outcome, str] | None = None
        self._repeated = Repeated()
        self._streams = False
        """Known with the headers; asking them for each read would cost more than the read."""

    def feed(self, data: bytes, at: int, lag: int | None = None) -> None:
        """What was read, when it came, and how late it was read. Runs for each event."""
        exchange = self.exchange
        events = exchange.events
        exchange.reads += 1
        self.last = at
        if lag is not None:
            exchange.lags.append(lag)
        try:
            begin = self._as_before(data, at)
            if begin < len(data):
                self._take_apart(data[begin:] if begin else data, at)
        except NotHttp as error:
            self._stop(Outcome.PROTOCOL, f"this is no HTTP answer: {error}")
        except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
            self._stop(Outcome.PROTOCOL, f"event {exchange.events} cannot be read: {error}")
        if exchange.events > events + 1:
            exchange.coalesced_reads += 1
        if self.done:
            self.on_done()

    def finish(self, at: int) -> None:
        """Nothing more comes. The outcome is settled, once."""
        exchange = self.exchange
        exchange.closed = exchange.closed or (self.last if exchange.ended else at)
        exchange.clock = "kernel" if exchange.lags else "userland"
        try:
            self.response.end()
        except CutOff as error:
            self._fault = self._fault or self._cut(str(error))
        if self._fault is None:
            self._fault = self._judged()
        exchange.outcome, exchange.message = self._fault

    @property
    def streams(self) -> bool:
        return self.exchange.streaming and self._is_good and self._is_of_type

    @property
    def _is_good(self) -> bool:
        return self.response.status in GOOD

    @property
    def _is_of_type(self) -> bool:
        return self._type.startswith((self._dialect.content_type, "application/stream+json"))

    @property
    def _type(self) -> str:
        return self.response.headers.get("content-type", "").lower()

    def _as_before(self, data: bytes, at: int) -> int:
        """Where that ends which is like the last event but for its text, chunk by chunk: nearly all is so."""
        begin, end = 0, len(data)
        while self._repeated.known and begin < end:
            start = data.find(b"\n", begin) + 1
            stop = start + SIZES.get(data[begin:start], end) + 2
            text = self._repeated.text_of(data, start, stop) if stop <= end else None
            if text is None:
                break
            self.exchange.received += stop - start - 2
            self._dialect.repeat(text, at)
            begin = stop
        return begin

    def _take_apart(self, data: bytes, at: int) -> None:
        exchange, response, events = self.exchange, self.response, self.exchange.events
        was_between = self._is_between
        body = response.feed(data)
        exchange.received += len(body)
        if not self._streams:
            self._begin(body, at)
        elif body:
            self._events(body, at)
        if response.done:
            self.done = True
        begin = data.find(b"\n") + 1
        is_one = exchange.events == events + 1 and begin + SIZES.get(data[:begin], 0) + 2 == len(data)
        if is_one and was_between and self._is_between:
            self._repeated.learn(data[begin:], self._dialect.plain)
        else:
            self._repeated.forget()

    @property
    def _is_between(self) -> bool:
        """Neither a chunk nor an event is waiting for its rest."""
        return self._streams and self.response.is_between_chunks and not self._splitter.pending

    def _begin(self, body: bytes, at: int) -> None:
        """The head of the answer, or a piece of one that is no stream."""
        response, exchange = self.response, self.exchange
        if exchange.lags:
            exchange.clock = "kernel"
        if not exchange.headers and response.status:
            exchange.headers, exchange.status = at, response.status
            self._streams = self.streams
            self._refuse_compression()
        if self.done:
            return
        if self._streams:
            self._events(body, at)
        elif len(self._document) < (LARGEST_DOCUMENT if self._is_good else LARGEST_REFUSAL):
            self._document += body

    def _refuse_compression(self) -> None:
        coding = self.response.headers.get("content-encoding", "identity").lower()
        if coding not in ("", "identity"):
            self._stop(
                Outcome.PROTOCOL, f"the answer is compressed ({coding}), which was not asked for: nobody can time it"
            )

    def _events(self, body: bytes, at: int) -> None:
        for event in self._splitter.feed(body):
            self._dialect.event(event, at)

    def _stop(self, outcome: Outcome, text: str) -> None:
        self.done = True
        self._fault = self._fault or (outcome, text)

    def _cut(self, text: str) -> tuple[Outcome, str]:
        """A stream that said its end is whole, however its connection ended."""
        concluded = self._dialect.conclude() if self.streams else None
        if concluded and (concluded[0] is Outcome.APP_ERROR or self._dialect.finished):
            return concluded
        return Outcome.STREAM_TRUNCATED, f"the connection ended {text}, after {self.exchange.events} events"

    def _judged(self) -> tuple[Outcome, str]:
        response = self.response
        if not self._is_good:
            return refusal(response.status, bytes(self._document), response.headers.get("location", ""))
        if self.exchange.streaming and not self.streams:
            return self._no_stream()
        try:
            return self._rest() if self.streams else self._whole()
        except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
            return Outcome.PROTOCOL, f"the answer cannot be read: {error}; it begins {bytes(self._document[:80])!r}"

    def _rest(self) -> tuple[Outcome, str]:
        try:
            for event in self._splitter.end():
                self._dialect.event(event, self.last)
        except ValueError:
            return self._cut("in the middle of an event")
        return self._dialect.conclude()

    def _no_stream(self) -> tuple[Outcome, str]:
        """An error that is said as a document, or what somebody else than the server says."""
        document = bytes(self._document)
        outcome = Outcome.APP_ERROR if is_error(document) else Outcome.PROTOCOL
        return outcome, f"a stream was asked for, and {self._type or 'no content type'} came: {words(document)}"

    def _whole(self) -> tuple[Outcome, str]:
        document = bytes(self._document)
        try:
            value: Any = json.loads(document)
        except ValueError:
            return Outcome.PROTOCOL, f"{self._type or 'no content type'} came, which is no JSON: {words(document)}"
        if not isinstance(value, dict):
            return Outcome.PROTOCOL, "the answer is no JSON object"
        self._dialect.whole(value, self.last)
        return self._dialect.conclude()
