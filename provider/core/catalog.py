"""A short memory for what servers said, shared by all calls of a process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

ENTRIES = 512


@dataclass(slots=True)
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    until: float = 0.0


class Memory:
    """Remembers each answer for a while; of many callers who ask at once, one asks the server.

    An error is not remembered: the next caller asks again.
    """

    def __init__(self, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def get[Value](self, key: Hashable, ask: Callable[[], Value]) -> Value:
        slot = self._slot(key)
        if slot.until > self._clock():
            return slot.value
        with slot.lock:
            if slot.until <= self._clock():
                slot.value = ask()
                slot.until = self._clock() + self._seconds
            return slot.value

    def peek(self, key: Hashable) -> Any | None:
        """What is remembered, without asking."""
        slot = self._slots.get(key)
        return slot.value if slot and slot.until > self._clock() else None

    def forget(self, key: Hashable) -> None:
        """After an answer proved wrong."""
        with self._lock:
            self._slots.pop(key, None)

    def _slot(self, key: Hashable) -> _Slot:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            if len(self._slots) > ENTRIES:
                self._slots.popitem(last=False)
            return slot
