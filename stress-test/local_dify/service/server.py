"""HTTP on a socket: requests in, answers and streams of events out."""

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_dify.service import answers, described, problems
from local_dify.service.jobs import Job
from local_dify.service.problems import Problem
from local_dify.service.routes import Answer, Request, Routes, Started

JSON, HTML, SSE = "application/json", "text/html; charset=utf-8", "text/event-stream; charset=utf-8"
PING = b"event: ping\n\n"
LARGEST_BODY = 16 << 20  # bytes
IDLE = 120.0  # seconds that a kept connection may be silent


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], routes: Routes) -> None:
        self.routes = routes
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who has gone is no error of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE
    server: Any  # a Server; the base class knows it as a wider one

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length") or "0"
        if not size.isdecimal() or int(size) > LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._problem(problems.bad_request())
            return
        self._serve(self.rfile.read(int(size)))

    def _serve(self, body: bytes) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self._page(200, described.front_page(self.server.routes.apps.values()))
            return
        try:
            self._answer(self.server.routes.serve(Request(self.command, path, self.headers, body)))
        except Problem as problem:
            self._problem(problem)

    def _answer(self, served: Answer | Started | None) -> None:
        match served:
            case None:
                self._page(404, problems.NOT_FOUND)
            case Answer(content, status):
                self._whole(status, JSON, _json(content))
            case Started(job, True):
                self._stream(job)
            case Started(job, False):
                events = (event for event in job.read() if event is not None)
                self._whole(200, f"{JSON}; charset=utf-8", _json(answers.whole(job.run, events)))

    def _stream(self, job: Job) -> None:
        self._head(200, SSE, ("Transfer-Encoding", "chunked"), ("Cache-Control", "no-cache"))
        for event in _written(job):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
        self.wfile.write(b"0\r\n\r\n")

    def _problem(self, problem: Problem) -> None:
        self._whole(problem.status, JSON, _json(problem.as_dict()))

    def _page(self, status: int, text: str) -> None:
        self._whole(status, HTML, text.encode())

    def _whole(self, status: int, kind: str, content: bytes) -> None:
        self._head(status, kind, ("Content-Length", str(len(content))))
        self.wfile.write(content)

    def _head(self, status: int, kind: str, *more: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("X-Local-Dify", described.NOTE), *more):
            self.send_header(name, value)
        self.end_headers()

    def version_string(self) -> str:
        return "local-dify"

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Nothing: a load test would write a line a request."""


def _written(job: Job) -> Iterator[bytes]:
    for event in job.read():
        yield PING if event is None else b"data: %b\n\n" % _json(event)


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str).encode()
