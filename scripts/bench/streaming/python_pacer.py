"""What pacer.c does, for machines without a C compiler. When it is late, all that is due goes out in one write."""

import heapq
import random
import re
import selectors
import socket
import sys
from time import monotonic_ns

US, SECOND = 1_000, 1_000_000_000
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
)
TASK = b"9b2d4c6e-1f3a-4b5c-8d7e-0a1b2c3d4e5f"
BEGIN = b'data: {"event":"%s","workflow_run_id":"%020d","task_id":"' + TASK + b'","data":{%s}}\n\n'
STARTED, FINISHED = b'"inputs":{"question":"hi"}', b'"status":"succeeded","outputs":{},"elapsed_time":1.5'
TEXT = b'"text":"%d ","from_variable_selector":["1719357159255","text"]'
REQUEST = re.compile(rb"[?&]n=(\d+)&us=(\d+)")


class Stream:
    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.due = self.sent = self.events = self.pause = self.run = 0

    def begin(self, request: bytes) -> None:
        found = REQUEST.search(request)
        self.events, self.pause = (int(found[1]), int(found[2]) * US) if found else (100, 20_000 * US)
        self.sent, self.due = 0, monotonic_ns() + random.randrange(self.pause + 1)  # noqa: S311 - so that they do not march in step
        self.sock.send(HEAD)

    def send_due(self) -> bool:
        """Whether there is more to come. Raises `OSError` for a client that has gone, or does not read."""
        pieces = []
        while self.sent < self.events and (at := monotonic_ns()) >= self.due:
            event = self._event(at)
            pieces.append(b"%x\r\n%s\r\n" % (len(event), event))
            self.sent += 1
            self.due += self.pause
        is_over = self.sent == self.events
        self.sock.send(b"".join([*pieces, b"0\r\n\r\n" if is_over else b""]))
        return not is_over

    def _event(self, at: int) -> bytes:
        if self.sent == 0:
            self.run = at
            return BEGIN % (b"workflow_started", at, STARTED)
        if self.sent == self.events - 1:
            return BEGIN % (b"workflow_finished", self.run, FINISHED)
        return BEGIN % (b"text_chunk", self.run, TEXT % at)


class Pacer:
    def __init__(self) -> None:
        self._due: list[tuple[int, int, Stream]] = []
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self.port: int = self._listener.getsockname()[1]

    def run(self) -> None:
        """Until nobody holds our input."""
        while True:
            wait = (self._due[0][0] - monotonic_ns()) / SECOND if self._due else 1.0
            for key, _ in self._selector.select(max(wait, 0)):
                if key.fileobj is sys.stdin:
                    return
                self._readable(key)
            self._send()

    def _readable(self, key: selectors.SelectorKey) -> None:
        if key.fileobj is self._listener:
            sock, _ = self._listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(sock, selectors.EVENT_READ, Stream(sock))
            return
        stream: Stream = key.data
        request = stream.sock.recv(65536)
        if not request:
            self._selector.unregister(stream.sock)
            stream.sock.close()
        elif b"HTTP/1.1\r\n" in request:  # a body that comes apart from its head asks for nothing new
            stream.begin(request)
            self._again(stream)

    def _send(self) -> None:
        now = monotonic_ns()
        while self._due and self._due[0][0] <= now:
            _, _, stream = heapq.heappop(self._due)
            try:
                if stream.send_due():
                    self._again(stream)
            except OSError:
                stream.sent = stream.events

    def _again(self, stream: Stream) -> None:
        heapq.heappush(self._due, (stream.due, id(stream), stream))


if __name__ == "__main__":
    server = Pacer()
    print(f"READY http://127.0.0.1:{server.port}", flush=True)
    server.run()
