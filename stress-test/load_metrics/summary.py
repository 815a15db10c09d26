"""The document of a run, as docs/load-report.md describes it; `verdict.bottleneck` is filled in by load_report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from load_metrics import baseline, slo, sweep, verdict
from load_metrics.exchange import Outcome
from load_metrics.figures import errors, figures, rate, series, source
from load_metrics.slo import Threshold
from load_metrics.stats import stats
from load_metrics.tally import Row, Tally

SCHEMA_VERSION = 1
NOT_A_DIFY = "a test stand-in answered, not a real Dify: its times are not Dify's"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sweep: so many users or requests a second, what came of it, over how many seconds."""

    load: float
    tally: Tally
    window_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """What a summary is made of. `client` is what the load generator found out about itself."""

    tally: Tally
    window_s: float
    conditions: Mapping[str, Any]
    client: Mapping[str, Any] = field(default_factory=dict)
    thresholds: Sequence[Threshold] = ()
    steps: Sequence[Step] = ()
    unit: str = "users"
    allowed_errors: float = verdict.ALLOWED_ERRORS
    baseline: Mapping[str, Any] | None = None
    baseline_file: str = ""
    comparison: Mapping[str, Any] | None = None


def summary(run: Run) -> dict[str, Any]:
    """All sections; the verdict last, for it needs the others."""
    total = run.tally.total()
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "verdict": {},
        "conditions": {**run.conditions, "window_s": round(run.window_s, 3), **_measured(total, run)},
        "totals": figures(total, run.window_s),
        "rows": {name: figures(row, run.window_s) for name, row in sorted(run.tally.rows.items())},
        "series": series(run.tally.seconds),
        "steps": [_step(step, run) for step in run.steps],
        "sweep": None,
        "errors": errors(run.tally.rows),
        "goodput": _goodput(total, run),
        "baseline": None,
        "comparison": run.comparison,
    }
    document["slo"] = slo.judge(run.thresholds, document["totals"])
    document["sweep"] = _sweep(document["steps"], run)
    if run.baseline is not None:
        document["baseline"] = baseline.compare(document, run.baseline, run.baseline_file)
    document["verdict"] = _verdict(document, run)
    return document


def _measured(total: Row, run: Run) -> dict[str, Any]:
    clocks = sorted(name for name, count in total.clocks.items() if count)
    late = total.histograms["schedule_lag"]
    client = {
        "lag_ms": stats(total.histograms["client_lag"]),
        "schedule_lag_ms": stats(late) if late.count else None,
        "coalesced_read_share": total.sums["coalesced_reads"] / total.sums["reads"] if total.sums["reads"] else None,
        "achieved_per_s": rate(total.outcomes.total(), run.window_s),
    }
    clock = clocks[0] if len(clocks) == 1 else ("mixed" if clocks else "none")
    return {"clock": clock, "token_source": source(total), "client": client | dict(run.client)}


def _step(step: Step, run: Run) -> dict[str, Any]:
    found = figures(step.tally.total(), step.window_s)
    met = all(each["met"] for each in slo.judge(run.thresholds, found)) if run.thresholds else None
    good = met and (found["error_rate"] or 0.0) <= run.allowed_errors
    return {"load": step.load, "unit": run.unit, "figures": found, "met_slo": met if met is None else bool(good)}


def _sweep(steps: Sequence[Mapping[str, Any]], run: Run) -> dict[str, Any] | None:
    if not steps:
        return None
    carried = sweep.carries(steps) if run.thresholds else None
    wanted = ", ".join(each.text for each in run.thresholds)
    in_order = sorted(steps, key=lambda step: step["load"])
    return {"knee": sweep.knee(in_order), "carries": carried, "unit": run.unit, "slo": wanted}


def _goodput(total: Row, run: Run) -> dict[str, Any] | None:
    if not run.tally.limits:
        return None
    good, evaluated = total.sums["good"], total.sums["evaluated"]
    share = good / evaluated if evaluated else None
    return {"per_s": rate(total.sums["good_inside"], run.window_s), "attainment": share, "evaluated": evaluated}


def _verdict(document: Mapping[str, Any], run: Run) -> dict[str, Any]:
    totals, worse = document["totals"], bool((document["baseline"] or {}).get("worse"))
    found = verdict.reasons(totals, document["conditions"]["client"])
    if document["baseline"] and document["baseline"]["differences"]:
        text = f"the baseline ran under other conditions: {'; '.join(document['baseline']['differences'])}"
        found.append({"state": "SUSPECT", "code": "other_conditions", "text": text})
    if document["conditions"].get("stand_in"):
        found.append({"state": "NOTE", "code": "stand_in", "text": NOT_A_DIFY})
    believed = verdict.state(found)
    # A sweep is there to find where the limit is missed: it fails only if even the lightest load misses it.
    judged = document["slo"] if not document["sweep"] else [{"met": document["sweep"]["carries"] is not None}]
    code = verdict.exit_code(
        totals, believed, judged if run.thresholds else [], allowed=run.allowed_errors, worse=worse
    )
    return {"state": believed, "exit_code": code, "sentence": _sentence(document, believed, code), "reasons": found}


def _sentence(document: Mapping[str, Any], believed: str, code: int) -> str:
    """The run in one plain sentence."""
    totals, found = document["totals"], document["sweep"]
    if code == verdict.ERRORS:
        failures = {name: n for name, n in totals["outcomes"].items() if name not in (Outcome.OK, Outcome.INCOMPLETE)}
        worst = max(failures, key=lambda name: failures[name])
        text = f"{totals['failed']} of {totals['ok'] + totals['failed']} requests failed, most often with {worst}."
        return f"{text} {_carries(found)}" if found and found["slo"] else text
    if believed == "INVALID":
        return "This run says nothing about the server: the load generator was the bottleneck or nothing was finished."
    if found and found["slo"]:
        return _carries(found)
    return _of_sweep(document) if found else f"{_load(document)}: {_times(totals)}."


def _carries(found: Mapping[str, Any]) -> str:
    load = found["carries"]
    less = f"This box does not carry even the lightest step at {found['slo']}."
    return less if load is None else f"This box carries {_many(load, found['unit'])} at {found['slo']}."


def _of_sweep(document: Mapping[str, Any]) -> str:
    """Without thresholds: how far throughput grew, and what it was like there; all steps together would say nothing."""
    steps, knee, unit = document["steps"], document["sweep"]["knee"], document["sweep"]["unit"]
    there = max((step for step in steps if knee in (None, step["load"])), key=lambda step: step["load"])
    where = _many(there["load"], unit)
    far = f"Throughput grew up to {where}" if knee is None else f"Beyond {where} throughput grows no more"
    return f"{far}; there {_times(there['figures'])}."


def _many(number: float, unit: str) -> str:
    return f"{number:g} {unit.removesuffix('s') if number == 1 and unit == 'users' else unit}"


def _load(document: Mapping[str, Any]) -> str:
    load = document["conditions"].get("load") or {}
    names = {"users": "users", "rate": "requests a second"}
    return next((_many(load[name], unit) for name, unit in names.items() if load.get(name)), "Under this load")


def _times(totals: Mapping[str, Any]) -> str:
    latency, rates = totals["latency"], totals["output_tokens_per_s"]
    parts = [
        f"{words} after {latency[metric]['p95'] / 1000:.2f} s (p95)"
        for metric, words in (("ttft", "the first token"), ("e2e", "the whole answer"))
        if metric in latency
    ]
    return ", ".join([*parts, f"{rates or 0:.1f} tokens a second in all"])
