"""An answer that holds its place at the server until it was read, closed or forgotten."""

from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any


class InFlight[Item](Generator[Item]):
    """The same items; `leave` is called exactly once. `first` was read already, to see that the answer begins."""

    def __init__(self, items: Generator[Item], first: list[Item], leave: Callable[[], None]) -> None:
        self._items = items
        self._first = first
        self._leave: Callable[[], None] | None = leave

    def send(self, value: Any) -> Item:
        if self._first:
            return self._first.pop()
        try:
            return next(self._items)
        except BaseException:
            self._left()
            raise

    def throw(self, kind: Any, value: Any = None, traceback: TracebackType | None = None, /) -> Item:
        self._left()
        return self._items.throw(kind if value is None else value)

    def close(self) -> None:
        self._items.close()
        self._left()

    def __del__(self) -> None:
        self._left()  # never read, never closed: a place must not be lost for that

    def _left(self) -> None:
        leave, self._leave = self._leave, None
        if leave:
            leave()
