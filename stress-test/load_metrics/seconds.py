"""What happened in each second of a run, counted from its origin."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from load_metrics.exchange import Exchange, Outcome
from load_metrics.histogram import Histogram
from load_metrics.timing import NS, output_tokens

COUNTS = ("started", "ok", "failed", "busy_ns", "tokens")


class Second:
    """One second: requests by where they began and ended, time in flight, tokens, first tokens, ends."""

    __slots__ = ("busy_ns", "e2e", "failed", "ok", "started", "tokens", "ttft")

    def __init__(self) -> None:
        self.started = self.ok = self.failed = self.busy_ns = 0
        self.tokens = 0.0
        self.ttft, self.e2e = Histogram(), Histogram()

    def merge(self, other: "Second") -> None:
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ttft.merge(other.ttft)
        self.e2e.merge(other.e2e)

    def to_wire(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in COUNTS}
        return counts | {"ttft": self.ttft.to_wire(), "e2e": self.e2e.to_wire()}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> "Second":
        made = cls()
        for name in COUNTS:
            setattr(made, name, wire[name])
        made.ttft, made.e2e = Histogram.from_wire(wire["ttft"]), Histogram.from_wire(wire["e2e"])
        return made


class Seconds:
    """The seconds in which something happened; before the origin nothing is counted."""

    __slots__ = ("at", "origin")

    def __init__(self, origin: int) -> None:
        self.origin = origin
        self.at: defaultdict[int, Second] = defaultdict(Second)

    def add(self, exchange: Exchange) -> None:
        if not exchange.sent:
            return
        self._of(exchange.sent).started += 1
        self._end(exchange)
        self._tokens(exchange)
        self._busy(exchange.sent, max(exchange.closed, exchange.ended))

    def merge(self, other: "Seconds") -> None:
        for index, second in other.at.items():
            self.at[index].merge(second)

    def to_wire(self) -> dict[str, Any]:
        return {str(index): second.to_wire() for index, second in sorted(self.at.items())}

    def read_wire(self, wire: Mapping[str, Any]) -> None:
        self.at.update({int(index): Second.from_wire(second) for index, second in wire.items()})

    def _of(self, at: int) -> Second:
        return self.at[(at - self.origin) // NS]

    def _end(self, exchange: Exchange) -> None:
        if exchange.ok:
            last = self._of(exchange.ended)
            last.ok += 1
            last.e2e.add(exchange.ended - exchange.sent)
        elif exchange.outcome is not Outcome.INCOMPLETE:
            self._of(exchange.closed or exchange.sent).failed += 1
        if exchange.ok and exchange.streaming and exchange.first_token:
            self._of(exchange.first_token).ttft.add(exchange.first_token - exchange.sent)

    def _tokens(self, exchange: Exchange) -> None:
        """The server's count, spread over the chunks as they came; a blocking answer is there at its end."""
        arrivals = exchange.arrivals or ([exchange.ended] if exchange.ended else [])
        for at in arrivals:
            self._of(at).tokens += output_tokens(exchange) / len(arrivals)

    def _busy(self, start: int, end: int) -> None:
        at = start
        while at < end:
            border = at + NS - (at - self.origin) % NS
            self._of(at).busy_ns += min(border, end) - at
            at = border
