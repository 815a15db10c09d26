"""What Dify adds to the model behind it: the same prompts at the same concurrency, one minus the other."""

from collections.abc import Mapping
from typing import Any

COMPARED = [(metric, stat) for metric in ("ttft", "ttfv", "tpot", "e2e") for stat in ("p50", "p95")]
RATES = ("requests_per_s", "output_tokens_per_s")


def comparison(dify: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    """From the figures of both runs: a row a metric; `cost` is Dify minus the model, in ms or per second."""
    latencies = [
        _row(f"{metric}_{stat}", _latency(dify, metric, stat), _latency(model, metric, stat))
        for metric, stat in COMPARED
    ]
    return {"model": dict(model), "rows": [*latencies, *(_row(name, dify[name], model[name]) for name in RATES)]}


def _latency(figures: Mapping[str, Any], metric: str, stat: str) -> float | None:
    return figures["latency"].get(metric, {}).get(stat)


def _row(metric: str, dify: float | None, model: float | None) -> dict[str, Any]:
    cost = None if dify is None or model is None else round(dify - model, 4)
    return {"metric": metric, "dify": dify, "model": model, "cost": cost}
