"""Thresholds as people type them."""

import pytest

from load_metrics.exchange import Outcome
from load_metrics.figures import figures
from load_metrics.slo import BadThreshold, is_good, judge, limits, read
from tests.load_metrics.runs import answered, failure, tally_of


@pytest.mark.parametrize(
    ("text", "metric", "stat", "limit"),
    [
        ("ttft_p95=2s", "ttft", "p95", 2000),
        ("ttft_p95<=800ms", "ttft", "p95", 800),
        ("e2e_scheduled_p99=1.5m", "e2e_scheduled", "p99", 90_000),
        ("icl_max<250us", "icl", "max", 0.25),
        ("error_rate=1%", "error_rate", "", 0.01),
        ("error_rate=0.02", "error_rate", "", 0.02),
        ("requests_per_s>=3", "requests_per_s", "", 3),
        ("tokens_per_s_user_p50=10", "tokens_per_s_user", "p50", 10),
    ],
)
def test_a_threshold_is_read(text, metric, stat, limit):
    (found,) = read(text)

    assert (found.metric, found.stat, found.limit) == (metric, stat, limit)


def test_several_are_read_with_commas_or_spaces():
    assert [each.metric for each in read(" ttft_p95=2s, error_rate=1% tpot_p50=50ms,")] == [
        "ttft",
        "error_rate",
        "tpot",
    ]


@pytest.mark.parametrize(
    "text", ["ttft=2s", "ttft_p95=2", "ttft_p95=2%", "speed_p50=3", "error_rate_p95=1%", "ttft_p95", "ttft_p95=1.2.3s"]
)
def test_what_cannot_be_meant_is_refused_with_what_can(text):
    with pytest.raises(BadThreshold, match=r"for example ttft_p95=2s"):
        read(text)


def test_values_are_judged_in_their_own_direction():
    told = judge(read("ttft_p95=90ms,ttft_p50=200ms,requests_per_s>=2"), figures(tally_of(answered()).total(), 1))

    assert [(each["value"], each["met"]) for each in told] == [(100, False), (100, True), (1, False)]


def test_a_value_that_is_not_there_does_not_meet_its_threshold():
    (told,) = judge(read("ttft_p95=2s"), figures(tally_of(answered(streaming=False)).total(), 1))

    assert (told["value"], told["met"]) == (None, False)


@pytest.mark.parametrize(
    ("exchange", "good"),
    [
        (answered(ttft=50), True),
        (answered(ttft=150), False),
        (failure(), False),
        (failure(Outcome.INCOMPLETE), None),
        (answered(streaming=False), None),
    ],
)
def test_a_request_is_good_bad_or_cannot_be_judged(exchange, good):
    assert is_good(exchange, limits(read("ttft_p95=100ms,ttft_p50=900ms,error_rate=1%"))) is good
