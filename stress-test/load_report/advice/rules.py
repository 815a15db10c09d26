"""The rules in the order of their evidence: the client's own word, the servers' words, the comparison, the shape."""

from collections.abc import Callable, Mapping
from typing import Any

from load_report.advice import shape, words
from load_report.advice.facts import Facts
from load_report.advice.findings import Finding, unknown
from load_report.advice.settings import CLIENT

type Rule = Callable[[Facts], Finding | None]

OWN_FAULTS = ("client_cpu", "client_lag", "schedule_lag")


def bottleneck(document: Mapping[str, Any]) -> dict[str, Any]:
    """`part`, `why`, `settings` and, where something should be measured next, `next`."""
    facts = Facts(document)
    found = next((finding for rule in RULES if (finding := rule(facts))), None)
    more = f"{shape.COMPARE}, or {shape.MORE_LOAD}" if facts.kind == "dify" else shape.MORE_LOAD
    return (found or unknown("the numbers of this run point at no part", more)).told()


def _client(facts: Facts) -> Finding | None:
    text = facts.reason("INVALID", *OWN_FAULTS)
    return Finding("client", text, CLIENT) if text else None


def _nothing(facts: Facts) -> Finding | None:
    totals = facts.totals
    if totals.get("ok"):
        return None
    if totals.get("failed"):
        return unknown("every request failed, and what the errors say names no part", "one user, once that is mended")
    return unknown("no request was finished", "a longer run, or fewer users")


def _doubtful_client(facts: Facts) -> Finding | None:
    text = facts.reason("SUSPECT", *OWN_FAULTS, "not_offered")
    return Finding("client", f"nothing else stands out, and {text}", CLIENT) if text else None


RULES: tuple[Rule, ...] = (
    _client,
    words.told_by_errors,
    _nothing,
    shape.compared,
    shape.grown,
    _doubtful_client,
    shape.waiting,
)
