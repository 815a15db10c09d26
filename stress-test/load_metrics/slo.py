"""Thresholds such as `ttft_p95=2s,error_rate=1%`: read, judged against figures, and met by single requests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from load_metrics.exchange import Exchange, Outcome
from load_metrics.timing import METRICS, failed, metrics

STATS = ("mean", "min", "p50", "p90", "p95", "p99", "max")
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "min": 60_000.0}
AT_LEAST = ("requests_per_s", "output_tokens_per_s", "total_tokens_per_s")  # more is better
SPEED = "tokens_per_s_user"
NS_PER_MS = 1_000_000
EXAMPLE = "for example ttft_p95=2s,error_rate=1%,tokens_per_s_user_p50=10"


class BadThreshold(ValueError):
    """A threshold that cannot be meant; the text says what can."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit. Latencies are in ms, `error_rate` is a share of 1, rates are per second."""

    text: str
    metric: str
    stat: str
    limit: float

    @property
    def at_least(self) -> bool:
        return self.metric in AT_LEAST or self.metric == SPEED

    def met_by(self, value: float | None) -> bool:
        """A value that is not there does not meet its limit."""
        if value is None:
            return False
        return value >= self.limit if self.at_least else value <= self.limit


def read(text: str) -> list[Threshold]:
    """Thresholds with commas between them; raises `BadThreshold`."""
    return [_read_one(part) for part in re.split(r"[,;\s]+", text.strip()) if part]


def _read_one(text: str) -> Threshold:
    found = re.fullmatch(r"([a-z0-9_]+?)(?:_(mean|min|p50|p90|p95|p99|max))?(?:[<>]?=|[<>])([\d.]+)([a-z%]*)", text)
    if not found:
        raise BadThreshold(f"{text!r} is no threshold; {EXAMPLE}")
    metric, stat, number, unit = found[1], found[2] or "", found[3], found[4]
    try:
        return Threshold(text, metric, stat, float(number) * _unit(metric, stat, unit))
    except (KeyError, ValueError):
        raise BadThreshold(f"{text!r} cannot be meant: {_allowed(metric)}; {EXAMPLE}") from None


def _unit(metric: str, stat: str, unit: str) -> float:
    """What one of the unit is in the metric's own; `KeyError` where they do not belong together."""
    if metric in METRICS:
        return dict.fromkeys(STATS, MILLISECONDS)[stat][unit]
    if metric == SPEED:
        return {(each, ""): 1.0 for each in STATS}[stat, unit]
    if metric == "error_rate":
        return {("", "%"): 0.01, ("", ""): 1.0}[stat, unit]
    return {(each, "", ""): 1.0 for each in AT_LEAST}[metric, stat, unit]


def _allowed(metric: str) -> str:
    if metric in METRICS:
        return f"{metric} wants one of _{', _'.join(STATS)} and a time such as 800ms or 2s"
    if metric == SPEED:
        return f"{metric} wants one of _{', _'.join(STATS)} and a number"
    return f"the metrics are {', '.join([*METRICS, SPEED, 'error_rate', *AT_LEAST])}"


def value_of(threshold: Threshold, figures: Mapping[str, Any]) -> float | None:
    """What the figures say of a threshold's metric."""
    if threshold.metric in METRICS:
        return figures["latency"].get(threshold.metric, {}).get(threshold.stat)
    if threshold.metric == SPEED:
        return figures[SPEED][threshold.stat]
    return figures[threshold.metric]


def judge(thresholds: Sequence[Threshold], figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One object for each threshold, as in the report."""
    values = [(each, value_of(each, figures)) for each in thresholds]
    return [
        {
            "text": each.text,
            "metric": each.metric,
            "stat": each.stat,
            "limit": each.limit,
            "value": value,
            "met": each.met_by(value),
        }
        for each, value in values
    ]


def limits(thresholds: Sequence[Threshold]) -> dict[str, float]:
    """For goodput: what a single request must keep, in ns; the strictest of each metric."""
    found: dict[str, float] = {}
    for each in thresholds:
        if each.metric in METRICS and each.metric not in ("icl", "client_lag", "schedule_lag"):
            limit = each.limit * NS_PER_MS
            found[each.metric] = min(limit, found.get(each.metric, limit))
    return found


def is_good(exchange: Exchange, wanted: Mapping[str, float]) -> bool | None:
    """Whether a request met every limit; `None` if that cannot be said: open at the end, or without the metric."""
    if failed(exchange):
        return False
    values = dict(metrics(exchange))
    if exchange.outcome is Outcome.INCOMPLETE or any(metric not in values for metric in wanted):
        return None
    return all(values[metric] <= limit for metric, limit in wanted.items())
