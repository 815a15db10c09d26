"""The document of a run, its verdict and its exit code."""

import json

import pytest

from load_metrics.cost import comparison
from load_metrics.exchange import Outcome
from load_metrics.slo import limits, read
from load_metrics.summary import Step
from tests.load_metrics.runs import MS, ORIGIN, answered, failure, report, tally_of

GOOD = [answered(at=100 * number) for number in range(40)]


def judged(*exchanges, **how):
    verdict = report(*exchanges, **how)["verdict"]
    return verdict["state"], verdict["exit_code"]


def codes(*exchanges, **how):
    return [reason["code"] for reason in report(*exchanges, **how)["verdict"]["reasons"]]


def test_a_good_run_is_valid_and_says_so_in_one_sentence():
    document = report(*GOOD)

    assert (document["verdict"]["state"], document["verdict"]["exit_code"]) == ("VALID", 0)
    assert document["verdict"]["sentence"] == (
        "4 users: the first token after 0.10 s (p95), the whole answer after 0.20 s (p95), 24.0 tokens a second in all."
    )
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize("outcome", [each for each in Outcome if each not in (Outcome.OK, Outcome.INCOMPLETE)])
def test_failures_beyond_one_percent_fail_the_run_and_are_named(outcome):
    document = report(*GOOD, failure(outcome))

    assert document["verdict"]["exit_code"] == 1
    assert document["verdict"]["sentence"] == f"1 of 41 requests failed, most often with {outcome}."
    assert document["errors"] == [
        {"class": outcome, "row": "chat", "count": 1, "message": "http://dify: workflow failed"}
    ]


def test_one_percent_is_allowed_and_the_share_can_be_set():
    hundred = [answered(at=10 * number) for number in range(99)]

    assert judged(*hundred, failure()) == ("VALID", 0)
    assert judged(*GOOD, failure(), allowed_errors=0.5) == ("VALID", 0)


@pytest.mark.parametrize("exchanges", [[], [failure(Outcome.INCOMPLETE)]])
def test_a_run_without_a_finished_request_is_never_green(exchanges):
    assert judged(*exchanges) == ("INVALID", 4)


@pytest.mark.parametrize(
    ("client", "state", "code"),
    [
        ({"cpu_percent_max": 80}, "SUSPECT", "client_cpu"),
        ({"cpu_percent_max": 97}, "INVALID", "client_cpu"),
        ({"lag_ms": {"p99": 60}}, "INVALID", "client_lag"),
        ({"schedule_lag_ms": {"p99": 30}}, "SUSPECT", "schedule_lag"),
        ({"schedule_lag_ms": {"p99": 900}}, "INVALID", "schedule_lag"),
        ({"coalesced_read_share": 0.9}, "SUSPECT", "coalesced_reads"),
        ({"offered_per_s": 10, "achieved_per_s": 5}, "SUSPECT", "not_offered"),
    ],
)
def test_a_load_generator_that_was_the_bottleneck_says_so(client, state, code):
    document = report(*GOOD, client=client)

    assert (document["verdict"]["state"], [reason["code"] for reason in document["verdict"]["reasons"]]) == (
        state,
        [code],
    )
    assert document["verdict"]["exit_code"] == {"SUSPECT": 0, "INVALID": 4}[state]


def test_few_requests_make_a_run_suspect():
    assert codes(*GOOD[:5]) == ["few_requests"]


def test_a_missed_threshold_is_3_and_failures_come_first():
    assert judged(*GOOD, thresholds=read("ttft_p95=50ms")) == ("VALID", 3)
    assert judged(*GOOD, failure(), thresholds=read("ttft_p95=50ms")) == ("VALID", 1)


def test_worse_than_the_baseline_is_5():
    before = report(*[answered(at=200 * number, ttft=50, gap=5) for number in range(40)])
    now = [answered(at=200 * number, ttft=90, gap=5) for number in range(40)]

    assert judged(*now, baseline=before, baseline_file="old.json") == ("VALID", 5)
    assert judged(*now, baseline=report(*now)) == ("VALID", 0)


def test_a_baseline_under_other_conditions_makes_the_run_suspect():
    before = report(*GOOD, conditions={"load": {"mode": "users", "users": 9}})

    assert codes(*GOOD, baseline=before) == ["other_conditions"]


def test_a_sweep_says_what_the_box_carries():
    steps = [
        Step(load, tally_of(*[answered(at=10 * number, ttft=ttft) for number in range(40)]), 10)
        for load, ttft in ((1, 100), (2, 150), (4, 900))
    ]
    document = report(*GOOD, steps=steps, thresholds=read("ttft_p95=200ms"))

    assert document["sweep"] == {"knee": 2, "carries": 2, "unit": "users", "slo": "ttft_p95=200ms"}
    assert [step["met_slo"] for step in document["steps"]] == [True, True, False]
    assert document["verdict"]["sentence"] == "This box carries 2 users at ttft_p95=200ms."
    assert document["verdict"]["exit_code"] == 0

    failing = report(*GOOD, failure(), steps=steps, thresholds=read("ttft_p95=200ms"))["verdict"]
    assert (failing["exit_code"], failing["sentence"]) == (
        1,
        "1 of 41 requests failed, most often with app_error. This box carries 2 users at ttft_p95=200ms.",
    )


@pytest.mark.parametrize(
    ("slowest", "sentence"),
    [
        (100, "Throughput grew up to 4 users; there the first token after 0.10 s (p95), "),
        (900, "Beyond 1 user throughput grows no more; there the first token after 0.10 s (p95), "),
    ],
)
def test_a_sweep_without_thresholds_says_how_far_throughput_grew(slowest, sentence):
    rows = ((1, 40, 100), (4, 80 if slowest == 100 else 40, slowest))
    steps = [
        Step(load, tally_of(*[answered(at=10 * number, ttft=ttft) for number in range(count)]), 10)
        for load, count, ttft in rows
    ]

    assert report(*GOOD, steps=steps)["verdict"]["sentence"].startswith(sentence)


def test_the_most_frequent_class_is_named_though_its_words_differ_each_time():
    many = [failure(message=f"text {number}") for number in range(12)]
    same = [failure(Outcome.HTTP_5XX) for _ in range(10)]

    assert report(*many, *same)["verdict"]["sentence"].endswith("most often with app_error.")


def test_a_box_that_misses_the_first_step_carries_nothing():
    document = report(*GOOD, steps=[Step(1, tally_of(*GOOD), 10)], thresholds=read("ttft_p95=5ms"))

    assert document["verdict"]["sentence"] == "This box does not carry even the lightest step at ttft_p95=5ms."
    assert document["verdict"]["exit_code"] == 3


def test_goodput_counts_what_met_every_limit():
    slow = [answered(at=100 * number, ttft=500) for number in range(10)]
    tally = tally_of(*GOOD, *slow, failure(), failure(Outcome.INCOMPLETE), limits=limits(read("ttft_p95=200ms")))

    assert report(tally=tally)["goodput"] == {"per_s": 4.0, "attainment": 40 / 51, "evaluated": 51}


def test_what_is_good_after_the_window_is_no_goodput_of_it():
    tally = tally_of(*GOOD, limits=limits(read("ttft_p95=200ms")), until=ORIGIN + 2000 * MS)

    document = report(tally=tally, window_s=2.0)

    assert document["goodput"] == {"per_s": document["totals"]["requests_per_s"], "attainment": 1, "evaluated": 40}


def test_a_stand_in_is_named_without_making_the_run_doubtful():
    document = report(*GOOD, conditions={"stand_in": True})

    assert (document["verdict"]["state"], document["verdict"]["reasons"][0]["code"]) == ("VALID", "stand_in")


def test_dify_s_own_cost_is_one_minus_the_other():
    dify, model = report(*[answered(ttft=130)] * 40)["totals"], report(*GOOD)["totals"]

    rows = {row["metric"]: row for row in comparison(dify, model)["rows"]}

    assert rows["ttft_p50"] == {"metric": "ttft_p50", "dify": 130, "model": 100, "cost": 30}
    assert comparison(dify, report(failure())["totals"])["rows"][0]["cost"] is None
