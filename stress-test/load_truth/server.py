"""The loop: one thread, one heap of what is due, so that a time is kept to within the scheduler's grain."""

import heapq
import json
import selectors
import socket
from collections.abc import Callable
from itertools import count
from time import monotonic_ns
from typing import Any

from load_truth.conversation import Conversation
from load_truth.plan import Plan

NS = 1_000_000_000
BACKLOG = 4096


class TruthServer:
    """Answers by its plan until `stop` says so. `port` is the one it got."""

    def __init__(self, plan: Plan, port: int = 0, host: str = "127.0.0.1") -> None:
        self.plan = plan
        self.counts = {"requests": 0, "stops": 0, "open": 0, "broken_by_client": 0}
        self.prompts: list[str] = []
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server((host, port), backlog=BACKLOG)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self.port: int = self._listener.getsockname()[1]

    def at(self, when: int, call: Callable[[], None]) -> None:
        """Do something at a time, in ns of CLOCK_MONOTONIC."""
        heapq.heappush(self._due, (when, next(self._order), call))

    def run(self, stop: Callable[[], bool] = lambda: False) -> None:
        while not stop():
            for key, _ in self._selector.select(self._wait()):
                key.data()
            now = monotonic_ns()
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()
        self._listener.close()
        self._selector.close()

    def told(self) -> bytes:
        """What was asked so far, as JSON."""
        return json.dumps({**self.counts, "prompts": self.prompts[-100:]}).encode()

    def forget(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)
        sock.close()

    def _wait(self) -> float:
        return max(0.0, min(0.2, (self._due[0][0] - monotonic_ns()) / NS)) if self._due else 0.2

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except BlockingIOError:
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conversation: Any = Conversation(self, sock)
        self._selector.register(sock, selectors.EVENT_READ, conversation.readable)
