"""One connection to the truth server: requests in, planned answers out, one after the other."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from time import monotonic_ns
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from load_truth import routes, timetable
from load_truth.plan import Plan
from load_truth.shapes import Shape

if TYPE_CHECKING:
    from load_truth.server import TruthServer


class Conversation:
    """Never blocks: what the client does not take is broken off, for it must not hold up the others."""

    def __init__(self, server: TruthServer, sock: socket.socket) -> None:
        self._server = server
        self._sock = sock
        self._in = b""
        self._closed = False
        self._dues: Iterator[timetable.Due] = iter(())
        self._began = 0
        self._open = self._silent = False

    def readable(self) -> None:
        try:
            data = self._sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._leave()
            return
        self._in += data
        self._take()

    def _take(self) -> None:
        """A whole request, if it is there."""
        head, border, rest = self._in.partition(b"\r\n\r\n")
        if not border:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) >= length:
            self._in = rest[length:]
            method, target, _ = first.split(" ", 2)
            self._answer(method, target, json.loads(rest[:length] or b"{}"))

    def _answer(self, method: str, target: str, body: Any) -> None:
        parts, server = urlsplit(target), self._server
        fixed = routes.fixed(method, parts.path, server)
        if fixed is not None:
            self._document(200, fixed)
            return
        server.counts["requests"] += 1
        server.prompts.append(routes.prompt(body))
        plan = server.plan.varied(dict(parse_qsl(parts.query))).for_request(server.counts["requests"])
        self._planned(plan, routes.shape(parts.path, plan), streams=routes.streams(parts.path, body))

    def _planned(self, plan: Plan, shape: Shape, *, streams: bool) -> None:
        self._began = monotonic_ns()
        refused = routes.refusal(plan)
        if refused:
            self._document(*refused)
        elif streams:
            self._server.counts["open"] += 1
            self._open, self._silent = True, plan.fault == "silent"
            kind = f"Content-Type: {shape.content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
            self._send(f"HTTP/1.1 200 OK\r\n{kind}".encode())
            self._dues = timetable.streamed(plan, shape)
            self._next()
        else:
            document = json.dumps(shape.document(timetable.blocking_text(plan))).encode()
            after = plan.delay + max(plan.events - 1, 0) * plan.every
            self._server.at(self._began + round(after * timetable.NS_PER_MS), lambda: self._document(200, document))

    def _next(self) -> None:
        due = next(self._dues, None)
        if due:
            self._server.at(self._began + due.after, lambda: self._part(due.part))
        elif not self._silent:
            self._server.counts["open"] -= 1
            self._open = False
            self._send(b"0\r\n\r\n")

    def _part(self, part: timetable.Part) -> None:
        if self._closed:
            return
        data = part()
        if data is None:
            self._leave()
            return
        if data:
            self._send(b"%x\r\n%s\r\n" % (len(data), data))
        self._next()

    def _document(self, status: int, body: bytes) -> None:
        kind = "text/html" if body.startswith(b"<") else "application/json"
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._send(head.encode() + body)

    def _send(self, data: bytes) -> None:
        if self._closed:
            return
        try:
            sent = self._sock.send(data)
        except OSError:
            sent = 0
        if sent != len(data):
            self._server.counts["broken_by_client"] += 1
            self._leave()

    def _leave(self) -> None:
        if not self._closed:
            self._closed = True
            self._server.counts["open"] -= self._open
            self._server.forget(self._sock)
