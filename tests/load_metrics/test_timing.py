"""Every metric by its definition."""

from collections import defaultdict

import pytest

from load_metrics.exchange import Outcome
from load_metrics.timing import metrics, token_source, tokens_per_second
from tests.load_metrics.runs import MS, ORIGIN, answered, failure


def all_of(exchange):
    found = defaultdict(list)
    for name, value in metrics(exchange):
        found[name].append(value / MS)
    return dict(found)


def test_a_stream_has_every_metric():
    exchange = answered(ttft=100, gap=20, tokens=6, scheduled=ORIGIN - 3 * MS)
    exchange.first_visible = ORIGIN + 140 * MS

    assert all_of(exchange) == {
        "schedule_lag": [3],
        "e2e": [201],
        "e2e_scheduled": [204],
        "ttfe": [2],
        "ttft": [100],
        "ttfv": [140],
        "icl": [20] * 5,
        "tpot": [20],
    }


def test_time_per_token_is_by_the_server_s_count_not_by_chunks():
    assert all_of(answered(gap=20, tokens=6, output_tokens=11))["tpot"] == [10]


@pytest.mark.parametrize("facts", [{"tokens": 1}, {"output_tokens": 1}])
def test_one_token_has_no_time_per_token(facts):
    assert "tpot" not in all_of(answered(**facts))


def test_an_answer_in_one_piece_has_no_time_per_token():
    assert "tpot" not in all_of(answered(tokens=1, output_tokens=50))


def test_a_blocking_answer_has_only_its_end():
    assert set(all_of(answered(streaming=False))) == {"e2e"}


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.OK])
def test_only_a_success_has_times(outcome):
    assert all_of(answered(outcome=outcome)) == {}


def test_a_failure_still_tells_how_late_it_was_sent():
    assert all_of(failure(scheduled=ORIGIN - 7 * MS)) == {"schedule_lag": [7]}


def test_the_speed_of_a_user_is_one_over_the_time_per_token():
    assert tokens_per_second(answered(gap=20)) == 50


def test_it_says_who_counted_the_tokens():
    assert [token_source(answered()), token_source(answered(output_tokens=None)), token_source(failure())] == [
        "usage",
        "chunks",
        "none",
    ]
