"""How many requests a server has at once, and a fair queue for those that wait."""

import threading
from collections import deque

from provider.core.errors import Busy


class Gate:
    """With a limit, whoever came first enters first; without one, everybody enters and is counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._waiting: deque[threading.Event] = deque()

    @property
    def load(self) -> int:
        """Requests inside and before the gate."""
        return self._inside + len(self._waiting)

    def enter(self, limit: int, patience: float) -> None:
        """Wait for a place.

        Raises:
            Busy: there was none within `patience` seconds.
        """
        ticket = threading.Event()
        with self._lock:
            if not limit or (self._inside < limit and not self._waiting):
                self._inside += 1
                return
            self._waiting.append(ticket)
        if not ticket.wait(patience):
            self._give_up(ticket, limit, patience)

    def leave(self) -> None:
        """The place goes to whoever has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._inside -= 1

    def _give_up(self, ticket: threading.Event, limit: int, patience: float) -> None:
        with self._lock:
            if ticket.is_set():  # the place came in the last moment
                return
            self._waiting.remove(ticket)
        raise Busy(f"all {limit} places of this server were taken for {patience:g} s; raise limit=, or add a server")
