"""The same requests over plain HTTP, without a plugin: what the server alone needs."""

import asyncio
import json
import time
from collections.abc import Sequence
from http.client import HTTPConnection

from scripts.bench.answers import MESSAGES, Wire, paced_model
from scripts.bench.errors import NotMeasured

PATHS: dict[Wire, str] = {"ollama": "/api/chat", "openai": "/v1/chat/completions"}
HEAD_END, BODY_END = b"\r\n\r\n", b"0\r\n\r\n"


def body_of(model: str) -> bytes:
    return json.dumps({"model": model, "messages": MESSAGES, "stream": True}).encode()


class RawClient:
    """One connection that is kept, as a plugin keeps its own."""

    def __init__(self, url: str, timeout: float) -> None:
        self._connection = HTTPConnection(url.removeprefix("http://"), timeout=timeout)

    def first_byte(self, wire: Wire) -> float:
        """Seconds from the request to the first byte of the body."""
        begin = time.perf_counter()
        self._connection.request("POST", PATHS[wire], body_of(paced_model(1, 0)))
        response = self._connection.getresponse()
        response.read(1)
        first = time.perf_counter()
        response.read()
        return first - begin

    def close(self) -> None:
        self._connection.close()


def raw_first_tokens(url: str, model: str, offsets: Sequence[float], patience: float) -> list[float]:
    """Ask for one stream at each of `offsets` (seconds); each result counts from when it was due."""
    try:
        return asyncio.run(asyncio.wait_for(_load(url, model, offsets), patience))
    except TimeoutError as error:
        raise NotMeasured("the raw client was not done in time") from error


async def _load(url: str, model: str, offsets: Sequence[float]) -> list[float]:
    """On connections that are open before: this is the least that a first token can take."""
    loop = asyncio.get_running_loop()
    host, _, port = url.removeprefix("http://").partition(":")
    streams = [(await loop.create_connection(_Stream, host, int(port)))[1] for _ in offsets]
    body = body_of(model)
    request = b"POST /api/chat HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    begin = loop.time()
    for stream, offset in zip(streams, offsets, strict=True):
        loop.call_at(begin + offset, stream.ask, request)
    firsts = await asyncio.gather(*(stream.first for stream in streams))
    await asyncio.gather(*(stream.ended for stream in streams))
    for stream in streams:
        stream.close()
    return [first - begin - offset for first, offset in zip(firsts, offsets, strict=True)]


class _Stream(asyncio.Protocol):
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.first: asyncio.Future[float] = self._loop.create_future()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.first, self.ended):
            if not future.done():
                future.set_exception(exc or ConnectionError("the paced server closed the connection"))

    def data_received(self, data: bytes) -> None:
        if not self.first.done():
            self._head += data
            if self._head.partition(HEAD_END)[2]:
                self.first.set_result(self._loop.time())
        if data.endswith(BODY_END) and not self.ended.done():
            self.ended.set_result(None)

    def ask(self, request: bytes) -> None:
        self._transport.write(request)

    def close(self) -> None:
        self._transport.close()
