"""Everything that was measured, a row for each scenario; exact when merged across processes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from load_metrics.exchange import Exchange, Outcome
from load_metrics.histogram import Histogram
from load_metrics.seconds import Seconds
from load_metrics.slo import is_good
from load_metrics.timing import METRICS, failed, metrics, output_tokens, token_source, tokens_per_second

TICK = 10_000_000  # ns; how finely the number in flight is followed
MESSAGES = 5  # different texts kept of each class


class Row:
    """What one scenario did."""

    __slots__ = ("clocks", "edges", "histograms", "messages", "outcomes", "sources", "speed", "sums")

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.messages: dict[str, Counter[str]] = {}
        self.histograms = {metric: Histogram() for metric in METRICS}
        self.speed = Histogram()
        """Tokens a second of one user, in thousandths."""
        self.sums: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.clocks: Counter[str] = Counter()
        self.edges: Counter[int] = Counter()
        """Ticks since the origin, and by how much the number in flight changed there."""

    def add(self, exchange: Exchange, origin: int, until: int) -> None:
        self.outcomes[exchange.outcome] += 1
        if failed(exchange):
            self._tell(exchange.outcome, exchange.message, 1)
        for metric, value in metrics(exchange):
            self.histograms[metric].add(value)
        self._speed(exchange)
        self._sum(exchange, origin, until)
        self._edges(exchange, origin, until)

    def judge(self, exchange: Exchange, limits: Mapping[str, float], until: int) -> None:
        good = is_good(exchange, limits)
        self.sums["evaluated"] += good is not None
        self.sums["good"] += good is True
        self.sums["good_inside"] += good is True and _is_inside(exchange, until)

    def merge(self, other: "Row") -> None:
        for mine, its in zip(self._counters(), other._counters(), strict=True):
            for key, count in its.items():
                mine[key] += count
        for metric, histogram in other.histograms.items():
            self.histograms[metric].merge(histogram)
        self.speed.merge(other.speed)
        for outcome, texts in other.messages.items():
            for text, count in texts.items():
                self._tell(outcome, text, count)

    def to_wire(self) -> dict[str, Any]:
        counters = [[[key, count] for key, count in counter.items()] for counter in self._counters()]
        histograms = {metric: each.to_wire() for metric, each in self.histograms.items() if each.count}
        messages = {outcome: dict(texts) for outcome, texts in self.messages.items()}
        return {"c": counters, "h": histograms, "s": self.speed.to_wire(), "m": messages}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> "Row":
        made = cls()
        for counter, pairs in zip(made._counters(), wire["c"], strict=True):
            counter.update(dict(pairs))
        made.histograms |= {metric: Histogram.from_wire(each) for metric, each in wire["h"].items()}
        made.speed = Histogram.from_wire(wire["s"])
        made.messages = {outcome: Counter(texts) for outcome, texts in wire["m"].items()}
        return made

    def _counters(self) -> tuple[Counter[Any], ...]:
        return self.outcomes, self.sums, self.sources, self.clocks, self.edges

    def _tell(self, outcome: str, message: str, count: int) -> None:
        texts = self.messages.setdefault(str(outcome), Counter())
        known = message in texts or len(texts) < MESSAGES
        texts[message if known else "(other messages)"] += count

    def _speed(self, exchange: Exchange) -> None:
        speed = tokens_per_second(exchange) if exchange.ok else None
        if speed is not None:
            self.speed.add(round(speed * 1000))

    def _sum(self, exchange: Exchange, origin: int, until: int) -> None:
        self.clocks[exchange.clock] += 1
        self.sums["reads"] += exchange.reads
        self.sums["coalesced_reads"] += exchange.coalesced_reads
        self.sums["received"] += exchange.received
        if exchange.ok:
            self.sources[token_source(exchange)] += 1
            self.sums["prompt"] += exchange.prompt_tokens or 0
            self.sums["cached"] += exchange.cached_tokens or 0
            self.sums["output"] += output_tokens(exchange)
            self.sums["ok_inside"] += _is_inside(exchange, until)
            self.sums["inside_milli"] += round(1000 * _tokens_inside(exchange, origin, until))
            if token_source(exchange) == "usage":
                self.sums["counted"] += output_tokens(exchange)
                self.sums["counted_chunks"] += len(exchange.arrivals)
        elif exchange.outcome is Outcome.INCOMPLETE:
            self.sums["open_chunks"] += _inside(exchange.arrivals, origin, until)

    def _edges(self, exchange: Exchange, origin: int, until: int) -> None:
        """In flight, as far as that was within the window."""
        end = max(exchange.closed, exchange.ended)
        if exchange.sent and end:
            end = max(min(end, until or end), exchange.sent)
            start = (exchange.sent - origin) // TICK
            self.edges[start] += 1
            self.edges[max((end - origin) // TICK, start + 1)] -= 1
            self.sums["busy_ns"] += end - exchange.sent


class Tally:
    """All rows and seconds of one process or, merged, of the run. Its window begins at `origin`, in ns of the clock."""

    __slots__ = ("limits", "origin", "rows", "seconds", "until")

    def __init__(self, origin: int, until: int = 0, limits: Mapping[str, float] | None = None) -> None:
        self.limits = limits or {}
        """What a good request keeps, from `slo.limits`; without any there is no goodput."""
        self.origin = origin
        self.until = until
        """The end of the window, 0 while it is open: tokens that come later are not counted to its throughput."""
        self.rows: dict[str, Row] = {}
        self.seconds = Seconds(origin)

    def add(self, exchange: Exchange) -> None:
        row = self.rows.setdefault(exchange.name, Row())
        row.add(exchange, self.origin, self.until)
        if self.limits:
            row.judge(exchange, self.limits, self.until)
        self.seconds.add(exchange)

    def merge(self, other: "Tally") -> None:
        """Another process's; each counted its seconds from its own clock at the same moment."""
        for name, row in other.rows.items():
            self.rows.setdefault(name, Row()).merge(row)
        self.seconds.merge(other.seconds)

    def total(self) -> Row:
        """All rows as one."""
        total = Row()
        for row in self.rows.values():
            total.merge(row)
        return total

    def take(self) -> "Tally":
        """What came since the last time, and begin anew."""
        taken = Tally(self.origin, self.until, self.limits)
        taken.rows, taken.seconds = self.rows, self.seconds
        self.rows, self.seconds = {}, Seconds(self.origin)
        return taken

    def to_wire(self) -> dict[str, Any]:
        rows = {name: row.to_wire() for name, row in self.rows.items()}
        return {"origin": self.origin, "until": self.until, "rows": rows, "seconds": self.seconds.to_wire()}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> "Tally":
        made = cls(wire["origin"], wire["until"])
        made.rows = {name: Row.from_wire(row) for name, row in wire["rows"].items()}
        made.seconds.read_wire(wire["seconds"])
        return made


def _tokens_inside(exchange: Exchange, origin: int, until: int) -> float:
    """Those that came inside the window, each chunk with its share of the server's count."""
    arrivals = exchange.arrivals or [exchange.ended]
    return output_tokens(exchange) * _inside(arrivals, origin, until) / len(arrivals)


def _inside(arrivals: Iterable[int], origin: int, until: int) -> int:
    return sum(at >= origin and (not until or at < until) for at in arrivals)


def _is_inside(exchange: Exchange, until: int) -> bool:
    """Whether it ended before the window did."""
    return not until or exchange.ended < until
