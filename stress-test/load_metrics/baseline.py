"""Better or worse than an earlier run, or only noise: batch means of the seconds, and a t-test on them."""

from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist, fmean, variance
from typing import Any

CONFIDENCE = 0.99
SMALLEST = 0.05  # a change below this share is the same to a user, however certain
BATCHES = 10  # neighbouring seconds resemble each other; means of longer pieces do less
FEWEST = 5  # below, the expansion of the quantile is too coarse
SAME_CONDITIONS = ("kind", "scenarios", "load", "salt")

SERIES: dict[str, tuple[Callable[[Mapping[str, Any]], float | None], bool]] = {
    "ttft_p50": (lambda second: second["ttft_ms"]["p50"], False),
    "e2e_p50": (lambda second: second["e2e_ms"]["p50"], False),
    "output_tokens_per_s": (lambda second: second["tokens_per_s"], True),
}
"""How a metric is read from a second of a report, and whether more of it is better."""


def compare(now: Mapping[str, Any], before: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Two reports; `worse` if any metric is worse beyond noise. `differences` are conditions that are not the same."""
    rows = [_row(metric, before["series"], now["series"]) for metric in SERIES]
    rows.append(_errors(before["totals"], now["totals"]))
    differences = [
        f"{name}: {before['conditions'].get(name)} before, {now['conditions'].get(name)} now"
        for name in SAME_CONDITIONS
        if before["conditions"].get(name) != now["conditions"].get(name)
    ]
    return {
        "file": file,
        "worse": any(row["verdict"] == "worse" for row in rows),
        "differences": differences,
        "rows": rows,
    }


def _row(metric: str, before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    read, more_is_better = SERIES[metric]
    old, new = (batch_means([value for each in run if (value := read(each)) is not None]) for run in (before, now))
    if not old or not new or not fmean(old):
        return _told(metric, old, new, None, "same")
    noise = _noise(old, new)
    difference = fmean(new) - fmean(old)
    clear = noise is not None and abs(difference) > max(noise, SMALLEST * fmean(old))
    better = (difference > 0) is more_is_better
    verdict = ("better" if better else "worse") if clear else "same"
    return _told(metric, old, new, noise, verdict)


def batch_means(values: Sequence[float]) -> list[float]:
    """Means of up to ten pieces of equal length, as many whole ones as there are."""
    length = max(1, len(values) // BATCHES)
    return [fmean(values[at : at + length]) for at in range(0, len(values) - length + 1, length)]


def _noise(old: Sequence[float], new: Sequence[float]) -> float | None:
    """The difference of means that chance alone stays below (Welch); `None` when there is too little to tell."""
    if min(len(old), len(new)) < FEWEST:
        return None
    a, b = variance(old) / len(old), variance(new) / len(new)
    if not a + b:
        return 0.0
    freedom = (a + b) ** 2 / (a**2 / (len(old) - 1) + b**2 / (len(new) - 1))
    return student(freedom) * (a + b) ** 0.5


def student(freedom: float) -> float:
    """The two-sided quantile of Student's t, by its expansion around the normal one (Abramowitz and Stegun 26.7.5)."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _errors(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Two shares of failed requests, by their normal approximation."""
    (bad, all_), (bad_now, all_now) = ((run["failed"], run["ok"] + run["failed"]) for run in (before, now))
    if not all_ or not all_now:
        return _told("error_rate", [], [], None, "same")
    share, share_now, pooled = bad / all_, bad_now / all_now, (bad + bad_now) / (all_ + all_now)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    noise = z * (pooled * (1 - pooled) * (1 / all_ + 1 / all_now)) ** 0.5
    clear = abs(share_now - share) > noise
    verdict = ("worse" if share_now > share else "better") if clear else "same"
    return _told("error_rate", [share], [share_now], noise, verdict)


def _told(metric: str, old: Sequence[float], new: Sequence[float], noise: float | None, verdict: str) -> dict[str, Any]:
    before, after = (round(fmean(values), 4) if values else None for values in (old, new))
    change = None if not before or after is None else round(after / before - 1, 4)
    told = None if noise is None else round(noise, 4)
    return {"metric": metric, "before": before, "after": after, "change": change, "noise": told, "verdict": verdict}
