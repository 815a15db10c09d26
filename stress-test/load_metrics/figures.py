"""A row of a tally as the numbers people read: the object `Figures` of docs/load-report.md."""

from itertools import accumulate
from typing import Any

from load_metrics.exchange import Outcome
from load_metrics.seconds import Second, Seconds
from load_metrics.stats import stats, told
from load_metrics.tally import Row
from load_metrics.timing import NS

MILLI = 1000  # speeds, and tokens inside the window, are counted in thousandths


def figures(row: Row, window_s: float) -> dict[str, Any]:
    """All numbers of one row over a window of so many seconds; rates are `None` without a window."""
    good, open_at_end = row.outcomes[Outcome.OK], row.outcomes[Outcome.INCOMPLETE]
    bad = row.outcomes.total() - good - open_at_end
    inside = tokens_inside(row)
    return {
        "requests": row.outcomes.total(),
        "ok": good,
        "failed": bad,
        "incomplete": open_at_end,
        "error_rate": bad / (good + bad) if good + bad else None,
        "requests_per_s": rate(row.sums["ok_inside"], window_s),
        "output_tokens_per_s": rate(inside, window_s),
        "total_tokens_per_s": rate(inside + row.sums["prompt"], window_s),
        "tokens": {**{name: row.sums[name] for name in ("prompt", "output", "cached")}, "source": source(row)},
        "concurrency": {"mean": rate(row.sums["busy_ns"] / NS, window_s), "peak": peak(row)},
        "outcomes": {str(outcome): count for outcome, count in sorted(row.outcomes.items())},
        "latency": {metric: stats(histogram) for metric, histogram in row.histograms.items() if histogram.count},
        "tokens_per_s_user": stats(row.speed, MILLI),
    }


def tokens_inside(row: Row) -> float:
    """Of what was still open at the end the server never told a count: its chunks are as rich as those of the others."""
    rich = row.sums["counted"] / row.sums["counted_chunks"] if row.sums["counted_chunks"] else 1.0
    return row.sums["inside_milli"] / MILLI + rich * row.sums["open_chunks"]


def rate(amount: float, window_s: float) -> float | None:
    return round(amount / window_s, 4) if window_s > 0 else None


def source(row: Row) -> str:
    """Who counted the tokens; `mixed` numbers must not be compared."""
    found = sorted(name for name, count in row.sources.items() if count and name != "none")
    return found[0] if len(found) == 1 else ("mixed" if found else "none")


def peak(row: Row) -> int:
    """The most requests in flight at once, followed in steps of 10 ms."""
    return max(accumulate(row.edges[tick] for tick in sorted(row.edges)), default=0)


def series(seconds: Seconds) -> list[dict[str, Any]]:
    """One object for each second from the first to the last, quiet ones among them."""
    if not seconds.at:
        return []
    inside = range(max(0, min(seconds.at)), max(seconds.at) + 1)
    return [{"second": index, **_second(seconds.at.get(index, Second()))} for index in inside]


def _second(second: Second) -> dict[str, Any]:
    latencies = {"ttft_ms": second.ttft, "e2e_ms": second.e2e}
    return {
        "started": second.started,
        "ok": second.ok,
        "failed": second.failed,
        "in_flight": round(second.busy_ns / NS, 3),
        "tokens_per_s": round(second.tokens, 2),
        **{name: {"p50": told(its, 50), "p95": told(its, 95)} for name, its in latencies.items()},
    }


def errors(rows: dict[str, Row]) -> list[dict[str, Any]]:
    """Every class of failure with its words, the most frequent first."""
    found = [
        {"class": outcome, "row": name, "count": count, "message": text}
        for name, row in rows.items()
        for outcome, texts in row.messages.items()
        for text, count in texts.items()
    ]
    return sorted(found, key=lambda error: -error["count"])
