"""Whether a run may be believed, and its exit code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OK, ERRORS, THRESHOLD, INVALID, WORSE = 0, 1, 3, 4, 5
ALLOWED_ERRORS = 0.01  # more failed requests than this share, and the run has failed
FEW = 30  # good requests; percentiles of fewer say little


@dataclass(frozen=True, slots=True)
class Bound:
    """Above `suspect` the numbers are doubtful, above `invalid` the load generator was what was measured."""

    code: str
    suspect: float
    invalid: float
    text: str


BOUNDS = (
    Bound("client_cpu", 75.0, 90.0, "the load generator used {value:.0f} % of a core: more processes or machines"),
    Bound("client_lag", 5.0, 50.0, "the load generator read {value:.1f} ms late (p99): more processes or machines"),
    Bound("schedule_lag", 20.0, 200.0, "requests were sent {value:.0f} ms after their time (p99): more processes"),
    Bound("coalesced_reads", 0.3, float("inf"), "{value:.0%} of reads held several events: times are the last one's"),
)
NO_REQUESTS = "no request was finished: there is nothing to judge"


def reasons(totals: Mapping[str, Any], client: Mapping[str, Any]) -> list[dict[str, str]]:
    """Why the run is not simply to be believed; each has a `state`, SUSPECT or INVALID, a `code` and a `text`."""
    return [{"state": state, "code": code, "text": text} for state, code, text in _reasons(totals, client)]


def state(found: Sequence[Mapping[str, str]]) -> str:
    """The worst of all reasons; VALID without any."""
    states = {reason["state"] for reason in found}
    return next((each for each in ("INVALID", "SUSPECT") if each in states), "VALID")


def exit_code(totals: Mapping[str, Any], verdict: str, slo: Sequence[Mapping[str, Any]], **how: Any) -> int:
    """Failed requests come first: they are facts whatever the client did. `how`: `allowed` share, `worse` or not."""
    bad = totals["error_rate"] or 0.0
    rules = (
        (bad > how.get("allowed", ALLOWED_ERRORS), ERRORS),
        (verdict == "INVALID", INVALID),
        (not all(each["met"] for each in slo), THRESHOLD),
        (how.get("worse", False), WORSE),
    )
    return next((code for holds, code in rules if holds), OK)


def _reasons(totals: Mapping[str, Any], client: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    values = _values(client)
    for bound in BOUNDS:
        value = values[bound.code]
        if value is not None and value > bound.suspect:
            yield "INVALID" if value > bound.invalid else "SUSPECT", bound.code, bound.text.format(value=value)
    yield from _about_offer(client)
    yield from _about_requests(totals)


def _values(client: Mapping[str, Any]) -> dict[str, float | None]:
    lag, late = client.get("lag_ms") or {}, client.get("schedule_lag_ms") or {}
    return {
        "client_cpu": client.get("cpu_percent_max"),
        "client_lag": lag.get("p99"),
        "schedule_lag": late.get("p99"),
        "coalesced_reads": client.get("coalesced_read_share"),
    }


def _about_offer(client: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    offered, achieved = client.get("offered_per_s"), client.get("achieved_per_s")
    if offered and achieved is not None and achieved < 0.95 * offered:
        text = (
            f"{achieved:.2f} of {offered:.2f} requests a second were sent: the bound on requests in flight was reached"
        )
        yield "SUSPECT", "not_offered", text


def _about_requests(totals: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    done = totals["ok"] + totals["failed"]
    if not done:
        yield "INVALID", "no_requests", NO_REQUESTS
    elif totals["ok"] and totals["ok"] < FEW:
        yield "SUSPECT", "few_requests", f"only {totals['ok']} good requests: a longer run tells more"
    if totals["incomplete"] > done:
        yield "SUSPECT", "open_at_end", f"{totals['incomplete']} requests were still open at the end: a longer run"
    if totals["tokens"]["source"] == "mixed":
        yield "SUSPECT", "mixed_tokens", "some tokens were counted by the server, some as chunks: do not compare"
