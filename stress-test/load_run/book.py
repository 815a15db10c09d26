"""What one process measured, by the stage it belongs to, until it is sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from load_metrics.exchange import Exchange
from load_metrics.tally import Tally
from load_metrics.timing import NS


class Book:
    """Counts what was sent since a stage was opened; before that, and between stages, nothing."""

    def __init__(self, limits: Mapping[str, float]) -> None:
        self._limits = limits
        self._tallies: dict[str, Tally] = {}
        self._labels: Sequence[str] = ()
        self._opened = self._closed = self._until = 0

    def open(self, labels: Sequence[str], now: int, seconds: float) -> None:
        """From now on what is sent counts; tokens count for so many seconds, or until `close`."""
        self._labels, self._opened, self._closed = labels, now, 0
        self._until = now + round(seconds * NS) if seconds else 0
        for label in labels:
            if label not in self._tallies:
                self._tallies[label] = Tally(now, limits=self._limits)
            self._tallies[label].until = self._until

    def close(self, now: int) -> float:
        """Nothing that is sent from now on counts; says how long the window was, in seconds, for which tokens counted."""
        if self._opened and not self._closed:
            self._closed = now
            self._until = min(self._until or now, now)
            for label in self._labels:
                self._tallies[label].until = self._until
        return (self._until - self._opened) / NS

    def counts(self, exchange: Exchange) -> bool:
        # In the open loop a request belongs where it was due, however late it was sent.
        began = exchange.scheduled or exchange.sent or exchange.closed
        return bool(self._opened and began >= self._opened and (not self._closed or began < self._closed))

    def add(self, exchange: Exchange) -> None:
        for label in self._labels:
            self._tallies[label].add(exchange)

    def take(self) -> dict[str, Any]:
        """What came since the last time, as a message."""
        return {label: tally.take().to_wire() for label, tally in self._tallies.items() if tally.rows}
