"""The knee, the load that is carried, and the search for it."""

import pytest

from load_metrics.sweep import carries, knee, next_load


def step(load, tokens_per_s=0.0, ttft_p95=100.0, met=True):
    latency = {"ttft": {"p95": ttft_p95}} if ttft_p95 else {"e2e": {"p95": 100.0 * load}}
    figures = {"output_tokens_per_s": tokens_per_s, "requests_per_s": 1.0, "latency": latency}
    return {"load": load, "figures": figures, "met_slo": met}


def test_the_knee_is_the_last_load_before_throughput_stops_and_waiting_grows():
    steps = [step(1, 50, 100), step(2, 95, 120), step(4, 160, 180), step(8, 163, 420), step(16, 160, 900)]

    assert knee(steps) == 4


def test_no_growth_without_waiting_is_no_knee():
    assert knee([step(1, 50, 100), step(2, 50, 110)]) is None


def test_answers_that_do_not_stream_are_judged_by_their_end():
    assert knee([step(1, 50, None), step(2, 100, None), step(4, 100, None)]) == 2


def test_what_is_carried_ends_at_the_first_step_that_misses():
    steps = [step(1), step(2), step(4, met=False), step(8)]

    assert carries(steps) == 2
    assert carries([step(1, met=False)]) is None


@pytest.mark.parametrize("truth", [0, 1, 2, 3, 7, 12, 31, 64])
def test_the_search_finds_every_limit_in_few_steps(truth):
    steps = []
    while (load := next_load(steps, most=64)) is not None:
        steps.append(step(load, met=load <= truth))

    assert (carries(steps) or 0) == truth
    assert len(steps) <= 13
