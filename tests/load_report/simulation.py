"""A model server with some slots and users who ask it again and again, on paper: exchanges with known causes."""

import heapq
from array import array
from dataclasses import dataclass
from random import Random

from load_metrics.exchange import Exchange, Outcome
from load_metrics.tally import Tally

MS = 1_000_000


@dataclass(frozen=True)
class Chain:
    """Times in ms. A request waits for a worker of Dify, if there are any, then for a slot of the model."""

    slots: int = 4
    workers: int = 0
    before: float = 12.0
    """From sending to the first event, without a queue."""
    inside: float = 30.0
    """Plugin and workflow, before the model gets the request."""
    prefill: float = 180.0
    token: float = 25.0
    tokens: int = 60
    lag: float = 0.05
    failing: float = 0.0
    """The share of requests that fail with `words`."""
    words: str = ""
    outcome: Outcome = Outcome.APP_ERROR


def closed_loop(chain, users, seconds, names=("dify workflow simple_qa", "dify chat simple_qa"), seed=1):
    """All requests that begin within so many seconds; those that end later are incomplete."""
    chance, end = Random(seed), seconds * 1000.0
    slots, workers = [0.0] * chain.slots, [0.0] * (chain.workers or 1)
    waiting = [(chance.uniform(0, 200), user) for user in range(users)]
    heapq.heapify(waiting)
    exchanges = []
    while waiting and waiting[0][0] < end:
        sent, user = heapq.heappop(waiting)
        exchange, over = _one(chain, chance, slots, workers, sent, names[user % len(names)], end)
        exchanges.append(exchange)
        heapq.heappush(waiting, (over + chance.uniform(1, 20), user))
    return exchanges


def _one(chain, chance, slots, workers, sent, name, end):
    taken = max(sent, heapq.heappop(workers)) if chain.workers else sent
    event = taken + chain.before * chance.uniform(0.7, 1.6)
    begun = max(event + chain.inside * chance.uniform(0.8, 1.4), heapq.heappop(slots))
    first = begun + chain.prefill * chance.uniform(0.8, 1.3)
    gaps = [chain.token * chance.uniform(0.6, 1.5) for _ in range(round(chain.tokens * chance.uniform(0.5, 1.5)))]
    times = [first]
    for gap in gaps:
        times.append(times[-1] + gap)
    over = times[-1] + 2.0
    heapq.heappush(slots, over)
    if chain.workers:
        heapq.heappush(workers, over)
    if chance.random() < chain.failing:
        return _failed(chain, name, sent, event), event + 50.0
    return _answered(chain, chance, name, sent, event, times, over, end), over


def _failed(chain, name, sent, event):
    return Exchange(name, sent=_ns(sent), closed=_ns(event), outcome=chain.outcome, message=chain.words)


def _answered(chain, chance, name, sent, event, times, over, end):
    lags = array("q", [round(chain.lag * MS * chance.uniform(0.5, 3)) for _ in times])
    told = {"arrivals": array("q", [_ns(at) for at in times]), "lags": lags, "reads": len(times), "clock": "kernel"}
    if over > end:
        return Exchange(name, sent=_ns(sent), first_event=_ns(event), closed=_ns(end), **told)
    return Exchange(
        name, sent=_ns(sent), headers=_ns(sent + 1), first_event=_ns(event), first_token=_ns(times[0]),
        first_visible=_ns(times[min(3, len(times) - 1)]), last_token=_ns(times[-1]), ended=_ns(over),
        closed=_ns(over + 0.3), outcome=Outcome.OK, prompt_tokens=48, output_tokens=len(times), cached_tokens=12, **told,
    )  # fmt: skip


def _ns(at):
    return round(at * MS)


def tally_of(exchanges, limits=None):
    tally = Tally(0, limits=limits)
    for exchange in exchanges:
        tally.add(exchange)
    return tally
