"""The report for a spreadsheet: a row for each scenario and each step, and one for each second; units in the head."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from load_report.definitions import LATENCIES

STATS = ("n", "mean", "min", "p50", "p90", "p95", "p99", "max")
COUNTS = ("requests", "ok", "failed", "incomplete", "error_rate")
RATES = ("requests_per_s", "output_tokens_per_s", "total_tokens_per_s")
TOKENS = ("prompt", "output", "cached", "source")

type Json = Mapping[str, Any]


def report(document: Json) -> str:
    """`what` is total, scenario or step; the same columns in each row."""
    return _written(_rows(document), _columns(_row("", "", None, {})))


def series(document: Json) -> str:
    rows = [_second(each) for each in document.get("series") or ()]
    return _written(rows, _columns(_second({})))


def _rows(document: Json) -> Iterator[dict[str, Any]]:
    yield _row("total", "", None, document.get("totals") or {})
    for name, figures in (document.get("rows") or {}).items():
        yield _row("scenario", name, None, figures)
    for step in document.get("steps") or ():
        yield _row("step", step["unit"], step["load"], step["figures"]) | {"met_slo": step.get("met_slo")}


def _row(what: str, name: str, load: float | None, figures: Json) -> dict[str, Any]:
    latencies, tokens = figures.get("latency") or {}, figures.get("tokens") or {}
    concurrency, speed = figures.get("concurrency") or {}, figures.get("tokens_per_s_user") or {}
    return {
        "what": what,
        "name": name,
        "load": load,
        "met_slo": None,
        **{each: figures.get(each) for each in (*COUNTS, *RATES)},
        **{f"tokens_{each}": tokens.get(each) for each in TOKENS},
        **{f"concurrency_{each}": concurrency.get(each) for each in ("mean", "peak")},
        **{
            f"{each.key}_{stat}{_unit(stat)}": (latencies.get(each.key) or {}).get(stat)
            for each in LATENCIES
            for stat in STATS
        },
        **{f"tokens_per_s_user_{stat}": speed.get(stat) for stat in STATS},
    }


def _unit(stat: str) -> str:
    return "" if stat == "n" else "_ms"


def _second(its: Json) -> dict[str, Any]:
    told = {name: its.get(name) for name in ("second", "started", "ok", "failed", "in_flight", "tokens_per_s")}
    both = {
        f"{name}_{stat}_ms": (its.get(f"{name}_ms") or {}).get(stat)
        for name in ("ttft", "e2e")
        for stat in ("p50", "p95")
    }
    return told | both


def _columns(row: Json) -> list[str]:
    return list(row)


def _written(rows: Any, columns: list[str]) -> str:
    with io.StringIO(newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(each) for name, each in row.items()} for row in rows)
        return file.getvalue()


def _cell(value: Any) -> Any:
    """A name that a spreadsheet would take for a formula stays a name."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t") else value
