"""A model server for load: it streams at a set pace in Ollama's and OpenAI's form, to hundreds of clients at once.

    python -m tests.servers.paced --port 8000 --chunks 100 --pause 0.02

A request can choose its own pace by the name of its model: `200x0.02` is 200 chunks, one each 20 ms; with a pause of 0
they come as fast as the client reads. GET /stats tells what was served; POST /stats also sets it back to zero.
"""

import argparse
import asyncio
import json
import re
import signal
import sys
from typing import Any

from tests.servers.bodies import chat_completion, compact, ollama_line
from tests.servers.paced_stream import Pace, PacedStream, Stats, ollama_messages, openai_messages

METADATA: dict[str, Any] = {
    "/api/version": {"version": "0.33.0"},
    "/api/tags": {"models": [{"name": "paced", "model": "paced", "details": {"family": "paced"}}]},
    "/api/show": {
        "capabilities": ["completion"],
        "details": {"family": "paced"},
        "model_info": {"general.architecture": "paced", "paced.context_length": 8192},
    },
    "/v1/models": {"object": "list", "data": [{"id": "paced", "object": "model", "owned_by": "tests"}]},
}


class Conversation(asyncio.Protocol):
    """One connection: requests in, one response after the other out."""

    def __init__(self, pace: Pace, stats: Stats) -> None:
        self._pace, self._stats = pace, stats
        self._pending = b""
        self._counted = False
        self._stream: PacedStream | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._finish_stream()

    def pause_writing(self) -> None:
        if self._stream:
            self._stream.hold()

    def resume_writing(self) -> None:
        if self._stream:
            self._stream.go_on()

    def data_received(self, data: bytes) -> None:
        self._pending += data
        self._next()

    def _next(self) -> None:
        head, end, rest = self._pending.partition(b"\r\n\r\n")
        length = int((re.search(rb"(?i)\r\ncontent-length: *(\d+)", head) or [0, 0])[1])
        if end and len(rest) >= length and not self._stream:
            self._pending = rest[length:]
            method, path, _ = head.decode("latin-1").split(" ", 2)
            self._answer(method, path, rest[:length])

    def _answer(self, method: str, path: str, body: bytes) -> None:
        if path == "/stats":
            self._send(self._stats.told())
            if method == "POST":
                self._stats.reset()
            return
        self._stats.requests += 1
        self._stats.connections += not self._counted
        self._counted = True
        if path in ("/api/chat", "/v1/chat/completions"):
            self._chat(path, json.loads(body))
        elif path in METADATA:
            self._send(METADATA[path])
        else:
            self._send({"error": f"{path} is not served here"}, b"404 Not Found")

    def _chat(self, path: str, request: dict[str, Any]) -> None:
        pace, is_ollama = self._pace.of(request.get("model")), path == "/api/chat"
        if not request.get("stream", is_ollama):
            text = pace.text * pace.chunks
            whole = json.loads(ollama_line(text, done="stop")) if is_ollama else chat_completion({"content": text})
            self._send(whole)
            return
        content_type = b"application/x-ndjson" if is_ollama else b"text/event-stream"
        self._transport.write(_head(b"200 OK", content_type, b"Transfer-Encoding: chunked"))
        messages = ollama_messages(pace) if is_ollama else openai_messages(pace)
        self._stats.open_stream()
        self._stream = PacedStream(pace, messages, self._stats, (self._transport.write, self._end_response))

    def _end_response(self) -> None:
        self._finish_stream()
        self._next()

    def _finish_stream(self) -> None:
        if self._stream:
            self._stream.hold()
            self._stream = None
            self._stats.streams_open -= 1

    def _send(self, value: Any, status: bytes = b"200 OK") -> None:
        body = compact(value)
        self._transport.write(_head(status, b"application/json", b"Content-Length: %d" % len(body)) + body)
        self._next()


def _head(status: bytes, content_type: bytes, length: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: %s\r\n%s\r\n\r\n" % (status, content_type, length)


async def serve(port: int, pace: Pace, *, watch_stdin: bool) -> None:
    """Until a signal, or until standard input ends: then the parent is gone."""
    loop, stats, stop = asyncio.get_running_loop(), Stats(), asyncio.Event()
    server = await loop.create_server(lambda: Conversation(pace, stats), "127.0.0.1", port, backlog=4096)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if watch_stdin:
        loop.add_reader(sys.stdin.fileno(), lambda: sys.stdin.buffer.read1() or stop.set())
    print(f"READY http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Pace()
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--chunks", type=int, default=default.chunks)
    parser.add_argument("--pause", type=float, default=default.pause, help="seconds between two chunks")
    parser.add_argument("--text", default=default.text, help="of each chunk")
    parser.add_argument("--watch-stdin", action="store_true", help="end when standard input ends")
    options = parser.parse_args()
    pace = Pace(options.chunks, options.pause, options.text)
    asyncio.run(serve(options.port, pace, watch_stdin=options.watch_stdin))


if __name__ == "__main__":
    main()
