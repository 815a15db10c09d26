"""Small questions beside the load, such as stopping a task: one JSON answer, read whole."""

import json
from collections.abc import Mapping
from time import monotonic_ns
from typing import Any

from gevent.event import AsyncResult

from load_client.ask import Ask, Timeouts, address_of, request_bytes
from load_client.http1 import Response
from load_client.wire import Connection

REDIRECTS = range(300, 400)


def fetch(
    method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None, timeout: float = 10.0
) -> tuple[int, Any]:
    """Status and JSON value (`None` if it is none; of a redirect its address). Raises `OSError` (a `TimeoutError` after `timeout` seconds)."""
    ask = Ask("", url, body, "openai", headers, method, streaming=False, reuse=False, timeouts=Timeouts(timeout))
    connection = Connection.open(address_of(url), timeout)
    response, content, over = Response(), bytearray(), AsyncResult()
    start = monotonic_ns()

    def receive(data: bytes, _at: int, _lag: int | None) -> None:
        content.extend(response.feed(data))
        if response.done:
            over.set(None)

    connection.receiver, connection.ended = receive, over.set
    try:
        connection.write(request_bytes(ask), timeout)
        error = over.get(timeout=max(timeout - (monotonic_ns() - start) / 1e9, 0.001))
        if error:
            raise error
    finally:
        connection.ended = None
        connection.close()
    there = response.headers.get("location") if response.status in REDIRECTS else None
    return response.status, there or _json(bytes(content))


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
