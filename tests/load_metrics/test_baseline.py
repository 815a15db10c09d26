"""Worse, better, or only noise."""

import random

import pytest

from load_metrics.baseline import batch_means, compare, student


def run(ttft, seconds=30, jitter=0.0, seed=0, failed=0, **conditions):
    dice = random.Random(seed)
    told = [
        {"ttft_ms": {"p50": dice.gauss(ttft, jitter)}, "e2e_ms": {"p50": 1000.0}, "tokens_per_s": 100.0}
        for _ in range(seconds)
    ]
    return {
        "series": told,
        "totals": {"failed": failed, "ok": 1000 - failed},
        "conditions": {"kind": "dify", **conditions},
    }


def verdicts(before, now):
    return {row["metric"]: row["verdict"] for row in compare(now, before, "old.json")["rows"]}


def test_a_slower_first_token_is_worse():
    found = compare(run(300, jitter=20), run(200, jitter=20, seed=1), "old.json")

    assert found["worse"]
    assert verdicts(run(200, jitter=20), run(300, jitter=20, seed=1))["ttft_p50"] == "worse"
    assert verdicts(run(300, jitter=20), run(200, jitter=20, seed=1))["ttft_p50"] == "better"


@pytest.mark.parametrize("seed", range(20))
def test_runs_of_the_same_server_differ_by_noise_only(seed):
    assert not compare(run(200, jitter=60, seed=seed), run(200, jitter=60, seed=seed + 100), "old.json")["worse"]


def test_a_certain_change_that_nobody_feels_is_the_same():
    assert verdicts(run(200), run(204))["ttft_p50"] == "same"


def test_four_seconds_tell_nothing():
    assert verdicts(run(200, seconds=4), run(900, seconds=4))["ttft_p50"] == "same"


def test_more_failures_are_worse_if_they_are_no_chance():
    assert verdicts(run(200), run(200, failed=20))["error_rate"] == "worse"
    assert verdicts(run(200, failed=3), run(200, failed=5))["error_rate"] == "same"


def test_other_conditions_are_told():
    found = compare(run(200, salt=True), run(200, salt=False), "old.json")

    assert found["differences"] == ["salt: False before, True now"]


def test_batches_are_whole_and_at_most_eleven():
    assert batch_means([1, 3, 5]) == [1, 3, 5]
    assert batch_means(list(range(20))) == [number * 2 + 0.5 for number in range(10)]


@pytest.mark.parametrize(("freedom", "quantile"), [(4, 4.604), (10, 3.169), (30, 2.750), (1000, 2.581)])
def test_the_quantiles_are_those_of_the_tables(freedom, quantile):
    assert student(freedom) == pytest.approx(quantile, rel=0.02)
