"""What the times say: against the model alone, with growing load, and for themselves."""

from load_report.advice.facts import Facts, Json, latency, seconds, throughput
from load_report.advice.findings import Finding, unknown
from load_report.advice.settings import API_WORKERS, PLUGIN, of_model

MOST = 0.5  # a part that takes this share of the time is the one to look at
NOTICED = 200.0  # ms; a difference below this is none to a person
QUICK = 500.0  # ms to the first token that nobody minds
TWICE = 2.0
FLAT = 1.15  # throughput that grows less than this from half of the load to all of it
QUEUED = 3.0  # so many times the fastest answer's wait: others stood before it
COMPARE = "the same load on the model behind Dify: --compare ADDRESS"
MORE_LOAD = "more load: --sweep 1,2,4,8,16"


def compared(facts: Facts) -> Finding | None:
    """With the model's own time known, the rest is Dify's. Answers in one piece have no first token."""
    metric, name = ("ttft", "first token") if latency(facts.totals, "ttft", "p95") else ("e2e", "whole answer")
    dify, model = latency(facts.totals, metric, "p95"), latency(facts.model, metric, "p95")
    if dify is None or model is None:
        return None
    cost = dify - model
    told = f"the {name} comes after {seconds(dify)} (p95), from the model alone after {seconds(model)}"
    if cost >= max(NOTICED, MOST * dify):
        return _inside_dify(facts, cost, told)
    if dify < QUICK:
        return Finding("none", f"{told}: nobody waits for anything", next=MORE_LOAD)
    return Finding("model", f"{told}: the time is the model's", of_model(facts.kind))


def _inside_dify(facts: Facts, cost: float, told: str) -> Finding:
    before = latency(facts.totals, "ttfe", "p95")
    if before is None:
        return Finding("api_workers", told, API_WORKERS)
    if before >= MOST * cost:
        why = f"{told}; {seconds(before)} pass before Dify's first event, while the request waits for a worker"
        return Finding("api_workers", why, API_WORKERS)
    why = f"{told}; Dify takes the request after {seconds(before)}, the rest passes on the way through the plugin"
    return Finding("plugin", why, (*PLUGIN, API_WORKERS[2]))


def grown(facts: Facts) -> Finding | None:
    """From the lightest to the heaviest step: what grew, and did more come out?"""
    steps = facts.steps
    if len(steps) < 2:
        return None
    first, last = steps[0]["figures"], steps[-1]["figures"]
    wait, wait_now = (latency(each, "ttfe", "p95") for each in (first, last))
    if facts.kind == "dify" and wait is not None and wait_now is not None and _grew(wait, wait_now):
        inside, inside_now = (_inside(each) for each in (first, last))
        if wait_now - wait >= inside_now - inside:
            why = f"the wait before Dify's first event grows from {seconds(wait)} to {seconds(wait_now)} (p95) with the load, more than the time in the workflow"
            return Finding("api_workers", why, API_WORKERS)
    return _saturated(facts, first, last)


def _saturated(facts: Facts, first: Json, last: Json) -> Finding | None:
    whole, whole_now = (latency(each, "e2e", "p95") for each in (first, last))
    if whole is None or whole_now is None:
        return None
    half = _half(facts)
    if not _grew(whole, whole_now):
        return Finding(
            "none",
            f"even at the heaviest step an answer takes {seconds(whole_now)} (p95), {seconds(whole)} at the lightest",
            next=MORE_LOAD,
        )
    told = f"an answer takes {seconds(whole_now)} instead of {seconds(whole)} (p95)"
    if throughput(last) >= FLAT * throughput(half):
        return Finding("none", f"{told}, but throughput still grows with the load", next=MORE_LOAD)
    why = f"{told}, and no more comes out: {throughput(last):.1f} tokens a second at the heaviest step, {throughput(half):.1f} at half of it"
    if facts.kind == "dify":
        why += "; Dify takes the requests at once, so they wait for the model or the plugin before it"
        return Finding("model", why, (*of_model(facts.kind), PLUGIN[0]), next=COMPARE)
    return Finding("model", why, of_model(facts.kind))


def _half(facts: Facts) -> Json:
    """The step nearest to half of the greatest load."""
    goal = facts.steps[-1]["load"] / 2
    return min(facts.steps[:-1], key=lambda step: abs(step["load"] - goal))["figures"]


def waiting(facts: Facts) -> Finding | None:
    """One load only, and nothing to compare with."""
    wait, first = latency(facts.totals, "ttfe", "p95"), latency(facts.totals, "ttft", "p95")
    if first is None:
        return None
    if facts.kind == "dify":
        return _waiting_in_dify(wait, first)
    fastest, usual = latency(facts.totals, "ttft", "min"), latency(facts.totals, "ttft", "p50")
    if fastest and usual and usual >= QUEUED * fastest and usual - fastest >= NOTICED:
        why = f"requests wait for a slot: the usual first token comes after {seconds(usual)}, the fastest after {seconds(fastest)}"
        return Finding("model", why, of_model(facts.kind))
    return Finding("none", f"no sign of a queue: the first token comes after {seconds(first)} (p95)", next=MORE_LOAD)


def _waiting_in_dify(wait: float | None, first: float) -> Finding | None:
    if wait is not None and wait >= max(NOTICED, MOST * first):
        why = f"{seconds(wait)} of the {seconds(first)} to the first token (p95) pass before Dify's first event"
        return Finding("api_workers", why, API_WORKERS)
    if first < QUICK:
        return Finding(
            "none", f"no sign of a queue: the first token comes after {seconds(first)} (p95)", next=MORE_LOAD
        )
    told = "" if wait is None else f"Dify takes a request after {seconds(wait)}, and "
    return unknown(
        f"{told}the first token comes after {seconds(first)} (p95): in the model, the plugin, or the workflow's other steps",
        COMPARE,
    )


def _inside(figures: Json) -> float:
    """From Dify's first event to the first token."""
    first, before = latency(figures, "ttft", "p95"), latency(figures, "ttfe", "p95")
    return 0.0 if first is None or before is None else first - before


def _grew(before: float, now: float) -> bool:
    return now >= TWICE * before and now - before >= NOTICED
