"""A histogram as the numbers people read."""

from typing import Any

from load_metrics.histogram import Histogram

MILLION = 1_000_000  # ns in a ms
ENOUGH_FOR_P99 = 100


def stats(histogram: Histogram, unit: float = MILLION) -> dict[str, Any]:
    """n, mean, min, max and percentiles, divided by `unit`; p99 only of 100 values or more."""

    def told(value: float | None) -> float | None:
        return None if value is None or not histogram.count else round(value / unit, 4)

    return {
        "n": histogram.count,
        "mean": told(histogram.mean),
        "min": told(histogram.lowest),
        "p50": told(histogram.percentile(50)),
        "p90": told(histogram.percentile(90)),
        "p95": told(histogram.percentile(95)),
        "p99": told(histogram.percentile(99)) if histogram.count >= ENOUGH_FOR_P99 else None,
        "max": told(histogram.highest),
    }
