"""Exchanges and runs with known times."""

from array import array

from load_metrics.exchange import Exchange, Outcome
from load_metrics.summary import Run, summary
from load_metrics.tally import Tally

MS = 1_000_000
ORIGIN = 50_000 * MS


def answered(at=0, ttft=100, gap=20, tokens=6, name="chat", **facts):
    """A stream that was sent `at` ms after the origin, all in ms; one token a chunk."""
    sent = ORIGIN + at * MS
    arrivals = array("q", [sent + (ttft + gap * number) * MS for number in range(tokens)])
    last = arrivals[-1]
    return Exchange(
        name,
        **{
            "sent": sent, "headers": sent + MS, "first_event": sent + 2 * MS, "first_token": arrivals[0],
            "first_visible": arrivals[0], "last_token": last, "ended": last + MS, "closed": last + MS,
            "arrivals": arrivals, "outcome": Outcome.OK, "output_tokens": tokens, "prompt_tokens": 10,
        } | facts,
    )  # fmt: skip


def failure(outcome=Outcome.APP_ERROR, at=0, message="http://dify: workflow failed", **facts):
    sent = ORIGIN + at * MS
    return Exchange("chat", sent=sent, closed=sent + 5 * MS, outcome=outcome, message=message, **facts)


def tally_of(*exchanges, **how):
    tally = Tally(ORIGIN, **how)
    for exchange in exchanges:
        tally.add(exchange)
    return tally


def report(*exchanges, window_s=10.0, **how):
    conditions = {"kind": "openai", "load": {"mode": "users", "users": 4}, **how.pop("conditions", {})}
    tally = how.pop("tally", None) or tally_of(*exchanges)
    return summary(Run(tally, window_s, conditions, **how))
