"""The tables of what was measured: latencies, scenarios, steps, errors."""

from collections.abc import Iterator, Mapping
from typing import Any

from load_report.definitions import LATENCIES
from load_report.tables import Cell, Table, table
from load_report.words import CLASSES, NOTHING, ms, number, share

type Json = Mapping[str, Any]

STATS = ("n", "mean", "p50", "p90", "p95", "p99", "max")
SELF = ("schedule_lag", "client_lag")  # the load generator's, not the server's


def latencies(document: Json) -> Table:
    its = (document.get("totals") or {}).get("latency") or {}
    rows = [_latency(each.label, its[each.key]) for each in LATENCIES if each.key in its and each.key not in SELF]
    speed = (document.get("totals") or {}).get("tokens_per_s_user") or {}
    if speed.get("n"):
        rows.append(["Tokens/s and user", *(number(speed.get(stat)) for stat in STATS)])
    return table("Latency", ["", *STATS], rows, "p99 only of 100 values or more.")


def _latency(label: str, stats: Json) -> list[str]:
    return [label, number(stats.get("n")), *(ms(stats.get(stat)) for stat in STATS[1:])]


RESULTS = ("Requests", "Failed", "Open at end", "Requests/s", "TTFT p50", "TTFT p95", "E2E p50", "E2E p95", "Tokens/s")


def scenarios(document: Json) -> Table:
    rows = [(name, *_results(figures)) for name, figures in (document.get("rows") or {}).items()]
    if len(rows) > 1:
        rows.append(("All", *_results(document.get("totals") or {})))
    return table("Scenarios", ["", *RESULTS], rows)


def _results(figures: Json) -> list[Cell | str]:
    return [
        number(figures.get("requests")),
        _failed(figures),
        number(figures.get("incomplete")),
        number(figures.get("requests_per_s")),
        *(ms(stat(figures, metric, which)) for metric in ("ttft", "e2e") for which in ("p50", "p95")),
        number(figures.get("output_tokens_per_s")),
    ]


def _failed(figures: Json) -> Cell:
    count = figures.get("failed") or 0
    if not count:
        return Cell("0")
    return Cell(f"{number(count)} ({share(figures.get('error_rate'))})", "bad")


def stat(figures: Json | None, metric: str, which: str) -> float | None:
    return (((figures or {}).get("latency") or {}).get(metric) or {}).get(which)


def steps(document: Json) -> Table:
    found = document.get("steps") or ()
    unit = found[0]["unit"] if found else "load"
    return table(unit_title(unit), [unit.capitalize(), *RESULTS, "Thresholds"], _steps(document))


def unit_title(unit: str) -> str:
    return f"Steps of {'growing rate' if unit == 'req/s' else 'more users'}"


def _steps(document: Json) -> Iterator[list[Cell | str]]:
    for step in sorted(document.get("steps") or (), key=lambda step: step["load"]):
        yield [number(step["load"]), *_results(step["figures"]), kept(step.get("met_slo"))]


def kept(met: bool | None) -> Cell:
    return Cell(NOTHING) if met is None else Cell("kept", "good") if met else Cell("missed", "bad")


def errors(document: Json) -> Table:
    rows = [
        (each["class"], number(each["count"]), each["row"], each.get("message") or NOTHING)
        for each in document.get("errors") or ()
    ]
    classes = dict.fromkeys(row[0] for row in rows)
    note = " ".join(f"{name}: {CLASSES[name]}." for name in classes if name in CLASSES)
    return table("Errors", ["Class", "Count", "Scenario", "The server's words"], rows, note, prose=(2, 3))
