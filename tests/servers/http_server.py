"""A small HTTP/1.1 server with its hand on the socket: one thread for each connection, no politeness of its own."""

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedReader
from itertools import count
from typing import Any, Self

from tests.servers.exchange import End, Forever, Request, Response, Script
from tests.servers.paced_stream import chunk

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER for no time: close sends RST
JOIN_SECONDS = 5.0


class ClientLeft(Exception): ...


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """When a connection ends that could have gone on."""

    idle: float | None = None  # after so many seconds without a request
    requests: int | None = None  # after so many requests
    announced: bool = False  # the last response says so
    # Or only once another request was sent, and without answering it: the race that a client with a pool can lose.
    drops_next: End | None = None


LLAMACPP_KEEP_ALIVE = KeepAlive(idle=5.0, requests=100, announced=True)


class HttpServer:
    """Answers what `script` says, for the time of a `with` block."""

    def __init__(self, script: Script, keep_alive: KeepAlive | None = None) -> None:
        self.requests: list[Request] = []  # those that were answered
        self.dropped: list[Request] = []  # those that a closed connection answered
        self.connections = 0
        self.client_left = threading.Event()  # a client closed its end in the middle of a response
        self.failure: Exception | None = None  # of the script; raised at the end of the block
        self._script, self._keep_alive = script, keep_alive or KeepAlive()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def asked(self, path: str) -> list[Any]:
        """The JSON bodies of the requests for this path."""
        return [request.json for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(self, error_type: object, *_: object) -> None:
        self.close()
        if self.failure and error_type is None:
            raise self.failure

    def close(self) -> None:
        """Also breaks the connections that are still open."""
        self._stopping = True
        with suppress(OSError):
            socket.create_connection(self._listener.getsockname(), timeout=1).close()  # wakes `_accept`
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
        for thread in self._threads:
            thread.join(JOIN_SECONDS)
        self._listener.close()

    def _spawn(self, target: Any, *args: Any) -> None:
        self._threads.append(thread := threading.Thread(target=target, args=args, daemon=True))
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                if self._stopping:
                    connection.close()
                    return
                self.connections += 1
                self._open.add(connection)
                self._spawn(self._converse, connection, self.connections)

    def _converse(self, connection: socket.socket, number: int) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb") as reader:
                self._answer_all(connection, reader, number)
        except (OSError, ClientLeft):
            pass  # the client, or `close`, broke the connection
        except Exception as error:  # noqa: BLE001 - kept for the test to see
            self.failure = error
        finally:
            self._open.discard(connection)
            connection.close()

    def _answer_all(self, connection: socket.socket, reader: BufferedReader, number: int) -> None:
        for served in count():
            connection.settimeout(self._keep_alive.idle)
            if (request := _read_request(reader, number)) is None:
                return
            connection.settimeout(None)
            if served == self._keep_alive.requests:
                self.dropped.append(request)
                _end(connection, self._keep_alive.drops_next or End.CLOSE)
                return
            self.requests.append(request)
            if not self._answer(connection, request, is_last=served + 1 == self._keep_alive.requests):
                return

    def _answer(self, connection: socket.socket, request: Request, *, is_last: bool) -> bool:
        """Whether the connection goes on."""
        response = self._script(request)
        says_close = is_last and self._keep_alive.announced
        try:
            self._wait(connection, response.delay)
            connection.sendall(_head(response, says_close=says_close))
            self._send_body(connection, response)
        except (ClientLeft, OSError):
            if not self._stopping:
                self.client_left.set()
            raise
        _end(connection, response.end)
        asked_to_close = request.headers.get("connection", "").lower() == "close"
        goes_on = response.end is End.PROPER and not asked_to_close
        return goes_on and (not is_last or self._keep_alive.drops_next is not None)

    def _send_body(self, connection: socket.socket, response: Response) -> None:
        for step in response.steps:
            if isinstance(step, bytes):
                self._wait(connection, 0)  # otherwise the client's leaving shows only after two more writes
                connection.sendall(chunk(step) if response.chunked else step)
            else:
                self._wait(connection, step)
        if response.end is End.HANG:
            self._wait(connection, float("inf"))
        if response.chunked and response.end is End.PROPER:
            connection.sendall(chunk(b""))

    def _wait(self, connection: socket.socket, seconds: float) -> None:
        """Be silent, but see when the client goes away."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            readable = _is_readable(connection, max(min(left, 3600), 0))
            if readable and not connection.recv(1, socket.MSG_PEEK):
                raise ClientLeft
            if left <= 0:
                return
            if readable:  # the next request is there already
                time.sleep(min(left, 0.01))


def _is_readable(connection: socket.socket, seconds: float) -> bool:
    poll = select.poll()  # select() knows only 1024 files
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _read_request(reader: BufferedReader, connection: int) -> Request | None:
    """`None` at the end of the connection."""
    try:
        first, *lines = list(_head_lines(reader))
    except (ValueError, TimeoutError):
        return None
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, path, headers, reader.read(int(headers.get("content-length", 0))), connection)


def _head_lines(reader: BufferedReader) -> Iterator[str]:
    while line := reader.readline().strip():
        yield line.decode("latin-1")


def _head(response: Response, *, says_close: bool) -> bytes:
    headers = dict(response.headers)
    if response.chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif not {"Content-Length", "content-length"} & headers.keys():
        if response.end is End.CLOSE or isinstance(response.steps, Forever):
            headers["Connection"] = "close"
        else:
            headers["Content-Length"] = str(len(response.body))
    if says_close:
        headers["Connection"] = "close"
    phrase = HTTPStatus(response.status).phrase if response.status in {*HTTPStatus} else "Unknown"
    lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _end(connection: socket.socket, end: End) -> None:
    if end is End.RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    if end is not End.PROPER:
        connection.close()
