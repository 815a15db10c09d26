"""Steps of growing load: where throughput stops growing, and how much load still meets the SLO."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

GROWTH = 0.05  # less gain in throughput than this, and …
SLOWER = 2.0  # … a first token this much later than at the lightest load, is saturation


def knee(steps: Sequence[Mapping[str, Any]]) -> float | None:
    """The load of the last step before saturation; `None` if there was none in these steps."""
    if not steps:
        return None
    base = _delay(steps[0])
    for before, step in pairwise(steps):
        slower = base is not None and (delay := _delay(step)) is not None and delay > SLOWER * base
        if slower and _throughput(step) < (1 + GROWTH) * _throughput(before):
            return before["load"]
    return None


def carries(steps: Sequence[Mapping[str, Any]]) -> float | None:
    """The greatest load up to which every step met the SLO; `None` if not even the first did."""
    kept = None
    for step in sorted(steps, key=lambda step: step["load"]):
        if not step["met_slo"]:
            break
        kept = step["load"]
    return kept


def next_load(steps: Sequence[Mapping[str, Any]], most: int) -> int | None:
    """SLO search over whole users: doubling until a step misses, then halving the gap; `None` when it is found."""
    met = max((step["load"] for step in steps if step["met_slo"]), default=0)
    missed = min((step["load"] for step in steps if not step["met_slo"] and step["load"] > met), default=None)
    if missed is None:
        return min(max(1, 2 * met), most) if met < most else None
    return (met + missed) // 2 if missed - met > 1 else None


def _throughput(step: Mapping[str, Any]) -> float:
    figures = step["figures"]
    return figures["output_tokens_per_s"] or figures["requests_per_s"] or 0.0


def _delay(step: Mapping[str, Any]) -> float | None:
    """p95 to the first token, or of the whole answer where answers do not stream."""
    latency = step["figures"]["latency"]
    return latency.get("ttft", latency.get("e2e", {})).get("p95")
