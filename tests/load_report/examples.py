"""Documents as runs give them, made by the real summary from simulated exchanges; and some that lack things."""

from functools import cache

from load_metrics import slo
from load_metrics.cost import comparison
from load_metrics.exchange import Outcome
from load_metrics.figures import figures
from load_metrics.summary import Run, Step, summary
from load_report.advice import bottleneck
from tests.load_report.simulation import Chain, closed_loop, tally_of

SLO = "ttft_p95=2s,error_rate=1%"
SCRIPT = '<script>document.title = "broken into"</script>'
CLIENT = {"cpu_percent_max": 23.4, "gc_pause_ms_max": 4.2}


def conditions(**other):
    return {
        "started_at": "2026-11-27T01:30:00+00:00", "duration_s": 64.2, "target": "http://127.0.0.1:5001/v1", "kind": "dify",
        "scenarios": {"dify workflow simple_qa": 1, "dify chat simple_qa": 1}, "response": "streaming", "turns": 1,
        "load": {"mode": "users", "users": 8, "wait": 0}, "processes": 1, "warm_up": 4, "salt": True, "reuse": True,
        "machine": {"cpus": 8, "memory_gb": 33.5, "system": "Linux 6.18", "python": "3.12.1", "locust": "2.47.0"},
        "server": {"apps": {"simple_qa_workflow": "workflow"}}, "stand_in": False, "lost_workers": 0,
    } | other  # fmt: skip


def document(exchanges, seconds=60.0, thresholds=SLO, **how):
    wanted = slo.read(thresholds)
    how = {"client": CLIENT, "conditions": conditions()} | how
    made = summary(Run(tally_of(exchanges, slo.limits(wanted)), seconds, thresholds=wanted, **how))
    made["verdict"]["bottleneck"] = bottleneck(made)
    return made


@cache
def good():
    return document(closed_loop(Chain(slots=8), 8, 60))


@cache
def compared():
    """Dify's only worker holds two connections: requests queue before its first event."""
    dify, model = closed_loop(Chain(slots=8, workers=2), 8, 60), closed_loop(Chain(slots=8, before=0, inside=0), 8, 60)
    told = comparison(*(figures(tally_of(run).total(), 60.0) for run in (dify, model)))
    return document(dify, comparison=told)


@cache
def worse():
    """Against a baseline of the same load on a faster model."""
    before = document(closed_loop(Chain(slots=8, token=15.0, prefill=100.0), 8, 60))
    return document(
        closed_loop(Chain(slots=8), 8, 60), baseline=before, baseline_file="load-results/before/report.json"
    )


@cache
def failing():
    """One of five fails, with words that would like to be a program."""
    words = f"http://127.0.0.1:5001/v1/workflows/run: FATAL: sorry, too many clients already | {SCRIPT}"
    return document(closed_loop(Chain(slots=8, failing=0.2, words=words), 8, 60))


@cache
def sweep(kind="dify", loads=(1, 2, 4, 8, 12, 16, 24), chain=None, thresholds=SLO):
    chain = chain or Chain(slots=4, tokens=30)
    runs = [closed_loop(chain, load, 20, seed=load) for load in loads]
    steps = [Step(load, tally_of(run), 20.0) for load, run in zip(loads, runs, strict=True)]
    told = {"mode": "sweep", "steps": list(loads), "unit": "users", "step_s": 20.0}
    where = conditions(load=told, kind=kind)
    every = [exchange for run in runs for exchange in run]
    return document(every, 20.0 * len(loads), thresholds=thresholds, steps=steps, conditions=where)


@cache
def invalid():
    """The load generator was too slow."""
    slow = closed_loop(Chain(slots=8, lag=70.0), 8, 60)
    return document(slow, client={**CLIENT, "cpu_percent_max": 99.1})


@cache
def rate():
    """Open loop: latency from when a request was due, and a load generator that fell a little behind."""
    run = closed_loop(Chain(slots=8, before=0, inside=0), 6, 60, ("ollama chat tiny",))
    for exchange in run:
        exchange.scheduled = exchange.sent - exchange.sent % 40_000_000
    told = {"mode": "rate", "rate": 2.5, "arrivals": "poisson"}
    where = conditions(
        load=told, kind="ollama", scenarios={"ollama chat tiny": 1}, server={"program": "ollama", "model": "tiny"}
    )
    return document(run, thresholds="e2e_scheduled_p95=4s", conditions=where, client={**CLIENT, "offered_per_s": 2.6})


@cache
def blocking():
    """Answers in one piece: there is no first token."""
    run = closed_loop(Chain(slots=8), 4, 60)
    for exchange in run:
        exchange.streaming, exchange.first_event, exchange.first_token, exchange.first_visible = False, 0, 0, 0
        del exchange.arrivals[:]
    return document(run, thresholds="e2e_p95=2s", conditions=conditions(response="blocking"))


@cache
def rates():
    """Steps of requests a second; at the last one nearly everything fails, at the first nothing was finished."""
    loads = (0.5, 1.0, 2.0, 4.0)
    chains = (
        Chain(slots=1, tokens=4000),
        Chain(),
        Chain(),
        Chain(failing=0.97, words="HTTP 502: Bad Gateway", outcome=Outcome.HTTP_5XX),
    )
    runs = [closed_loop(chain, 4, 20) for chain in chains]
    steps = [Step(load, tally_of(run), 20.0) for load, run in zip(loads, runs, strict=True)]
    told = {"mode": "sweep", "steps": list(loads), "unit": "req/s", "step_s": 20.0}
    every = [exchange for run in runs for exchange in run]
    return document(every, 80.0, steps=steps, unit="req/s", conditions=conditions(load=told))


def nothing():
    """No request was finished."""
    return document([], 60.0)


def unreachable():
    words = "http://127.0.0.1:5001: [Errno 111] Connection refused; nothing listens there"
    chain = Chain(failing=1.0, words=words, outcome=Outcome.CONNECT_REFUSED)
    return document(closed_loop(chain, 4, 5), 5.0)


def bare():
    """As little as a document may have."""
    return {
        "schema_version": 1, "verdict": {"state": "INVALID", "exit_code": 4, "sentence": "", "reasons": []},
        "conditions": {}, "totals": {}, "rows": {}, "series": [], "steps": [], "sweep": None, "errors": [], "slo": [],
        "goodput": None, "baseline": None, "comparison": None,
    }  # fmt: skip


ALL = {
    each.__name__: each
    for each in (good, compared, worse, failing, sweep, invalid, rate, blocking, rates, nothing, unreachable, bare)
}
