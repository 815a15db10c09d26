"""A histogram as the numbers people read."""

from typing import Any

from load_metrics.histogram import Histogram

MILLION = 1_000_000  # ns in a ms
ENOUGH_FOR_P99 = 100


def stats(histogram: Histogram, unit: float = MILLION) -> dict[str, Any]:
    """n, mean, min, max and percentiles, divided by `unit`; p99 only of 100 values or more."""
    has_any, many = histogram.count > 0, histogram.count >= ENOUGH_FOR_P99
    return {
        "n": histogram.count,
        "mean": round(histogram.total / histogram.count / unit, 4) if has_any else None,
        "min": round(histogram.lowest / unit, 4) if has_any else None,
        **{f"p{percent}": told(histogram, percent, unit) for percent in (50, 90, 95)},
        "p99": told(histogram, 99, unit) if many else None,
        "max": round(histogram.highest / unit, 4) if has_any else None,
    }


def told(histogram: Histogram, percent: float, unit: float = MILLION) -> float | None:
    """One percentile, divided by `unit`."""
    value = histogram.percentile(percent)
    return None if value is None else round(value / unit, 4)
