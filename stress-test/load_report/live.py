"""The rows of the tab in Locust's web page: the last seconds, each scenario, all of them."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from load_report.measured import stat

RECENT = 10  # seconds
COLUMNS = {
    "name": "",
    "ok": "Answered",
    "failed": "Failed",
    "in_flight": "In flight",
    "ttft_p50": "TTFT p50 (ms)",
    "ttft_p95": "TTFT p95 (ms)",
    "e2e_p50": "Whole answer p50 (ms)",
    "e2e_p95": "Whole answer p95 (ms)",
    "tokens": "Tokens/s",
    "user": "Tokens/s and user (p50)",
}

type Json = Mapping[str, Any]


def rows(document: Json | None) -> list[dict[str, Any]]:
    """Numbers, so that the page can sort them; `None`, an empty cell, where nothing is known.

    It sorts by name at first, capitals before the names of scenarios.
    """
    return [{name: _short(value) for name, value in row.items()} for row in _rows(document)] if document else []


def _rows(document: Json) -> Iterator[dict[str, Any]]:
    series, steps = document.get("series") or (), document.get("steps") or ()
    if series and not steps:  # of a sweep each step has a row
        yield _recent(series[-RECENT:])
    for step in steps:
        yield _row(f"Step {step['load']:>4g} {step['unit']}", step["figures"])
    for name, figures in (document.get("rows") or {}).items():
        yield _row(name, figures)
    yield _row("All of the run", document.get("totals") or {})


def _recent(seconds: Sequence[Json]) -> dict[str, Any]:
    """Of medians the mean, of p95s the highest; the unfinished last second counts as far as it went."""
    times = {
        f"{name}_{which}": _join(which, [each[f"{name}_ms"][which] for each in seconds])
        for name in ("ttft", "e2e")
        for which in ("p50", "p95")
    }
    sums = {name: sum(each[name] for each in seconds) for name in ("ok", "failed")}
    means = {
        "in_flight": fmean(each["in_flight"] for each in seconds),
        "tokens": fmean(each["tokens_per_s"] for each in seconds),
    }
    return {"name": f"Last {len(seconds)} s", **sums, **means, **times, "user": None}


def _join(which: str, values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return (fmean(known) if which == "p50" else max(known)) if known else None


def _row(name: str, figures: Json) -> dict[str, Any]:
    return {
        "name": name,
        "ok": figures.get("ok"),
        "failed": figures.get("failed"),
        "in_flight": (figures.get("concurrency") or {}).get("mean"),
        **{f"{metric}_{which}": stat(figures, metric, which) for metric in ("ttft", "e2e") for which in ("p50", "p95")},
        "tokens": figures.get("output_tokens_per_s"),
        "user": (figures.get("tokens_per_s_user") or {}).get("p50"),
    }


def _short(value: Any) -> Any:
    return round(value, 1 if value < 100 else None) if isinstance(value, float) else value
