"""One, fifty and two hundred streams of all kinds at once: their metrics are the server's own times, their classes its faults."""

from itertools import pairwise
from statistics import median

import pytest
from gevent.pool import Pool

from load_client import Client, Timeouts
from load_metrics.exchange import Outcome
from load_metrics.timing import metrics
from tests.load_client.test_truth import MS, ROUTES, STREAM_FAULTS, asking
from tests.load_client.truth import truth

STREAMS = [1, 50, 200]
FAULTS = {fault: outcome for fault, outcome in STREAM_FAULTS.items() if fault != "silent"}  # that one is about time


@pytest.fixture(scope="module")
def server():
    with truth() as url:
        yield url


def answered(server, asks):
    client = Client()
    try:
        return Pool(len(asks)).map(client.ask, asks)
    finally:
        client.close()


def of_server(exchange):
    """The same metrics from when the server sent each text, which the text says."""
    sent = [int(word) for word in exchange.text.split()]
    yield from (("ttft", sent[0] - exchange.sent), ("ttfv", sent[0] - exchange.sent))
    yield from (("icl", later - earlier) for earlier, later in pairwise(sent))
    yield "tpot", (sent[-1] - sent[0]) / (exchange.output_tokens - 1)


def middle(values, name):
    return median(value for exchange in values for found, value in exchange if found == name) / MS


@pytest.mark.parametrize("streams", STREAMS)
def test_metrics_are_those_of_the_server(server, streams):
    routes = [list(ROUTES)[number % len(ROUTES)] for number in range(max(streams, len(ROUTES)))]
    asks = [asking(server, route, "events=8&every=40&delay=80&per_event=2") for route in routes]
    exchanges = answered(server, asks) if streams > 1 else [answered(server, [ask])[0] for ask in asks]

    assert {exchange.outcome for exchange in exchanges} == {Outcome.OK}
    assert {(len(exchange.arrivals), exchange.output_tokens) for exchange in exchanges} == {(8, 16)}
    ours, theirs = [list(metrics(each)) for each in exchanges], [list(of_server(each)) for each in exchanges]
    # Medians, for on a busy machine some events are read together, and some times of the server's are old when it sends.
    for name in ("ttft", "ttfv", "icl", "tpot"):
        assert middle(ours, name) == pytest.approx(middle(theirs, name), abs=2), name
    assert middle(ours, "e2e") >= middle(theirs, "ttft") + 7 * middle(theirs, "tpot") * 2 - 5


@pytest.mark.parametrize("streams", STREAMS)
def test_failures_keep_their_class_among_good_answers(server, streams):
    faults = [*FAULTS, "none"]
    plans = [(faults[number % len(faults)], list(ROUTES)[number % len(ROUTES)]) for number in range(streams)]
    patient = Timeouts(silence=60)

    exchanges = answered(
        server,
        [asking(server, route, f"fault={fault}&events=4&every=5&delay=5", timeouts=patient) for fault, route in plans],
    )

    assert [exchange.outcome for exchange in exchanges] == [FAULTS.get(fault, Outcome.OK) for fault, _ in plans]
