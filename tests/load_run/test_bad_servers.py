"""Runs that must not be green, each with the class of what went wrong, and the exit codes."""

import json

import pytest

from tests.load_run.running import DIFY, OPENAI, STRESS, load, truth

pytestmark = pytest.mark.slow

SHORT = ("-u", "2", "-t", "1s", "--warm-up", "0")
# Eats the processor in the process of the load generator itself.
HOG = """
import sys
import time
sys.path.insert(0, {stress!r})
import gevent
from locustfile import LoadUser, events

def hog():
    while True:
        end = time.monotonic() + 0.15
        while time.monotonic() < end:
            pass
        gevent.sleep(0.001)

events.test_start.add_listener(lambda **_: gevent.spawn(hog))
"""


@pytest.mark.parametrize(
    ("fault", "named"),
    [("error", "app_error"), ("failed", "app_error"), ("cut", "stream_truncated"), ("empty", "empty_answer")],
)
def test_a_server_whose_every_workflow_fails_makes_the_run_fail_with_the_class_named(fault, named, tmp_path):
    with truth(events=4, every=10, delay=20, fault=fault) as url:
        run = load(url, tmp_path, *SHORT, *DIFY)

    document = run.document
    assert run.code == 1
    assert set(document["totals"]["outcomes"]) - {"incomplete_at_end"} == {named}
    assert document["errors"][0]["class"] == named
    assert f"most often with {named}" in document["verdict"]["sentence"]
    assert named in run.output
    assert run.table()["failures"] == run.table()["requests"] == document["totals"]["failed"] > 0


def test_workers_that_only_saw_failures_do_not_make_the_run_green(tmp_path):
    with truth(events=4, every=10, delay=20, fault="error") as url:
        run = load(url, tmp_path, *SHORT, "--processes", "2", *DIFY)

    assert run.code == 1
    assert run.document["totals"]["outcomes"]["app_error"] == run.document["totals"]["failed"] > 0


def test_nobody_there_is_said_with_its_address(tmp_path):
    run = load("http://127.0.0.1:9", tmp_path, *SHORT)

    assert run.code == 1
    assert "http://127.0.0.1:9 is not reachable" in run.output


def test_a_run_in_which_nothing_was_finished_is_never_green(tmp_path):
    with truth(delay=30_000) as url:
        run = load(url, tmp_path, *SHORT, *OPENAI)

    assert run.code == 4
    assert run.document["totals"]["outcomes"] == {"incomplete_at_end": 2}


def test_a_load_generator_that_was_the_bottleneck_says_so(tmp_path):
    locustfile = tmp_path / "hog.py"
    locustfile.write_text(HOG.format(stress=str(STRESS)), encoding="utf-8")
    with truth(events=10, every=20, delay=20) as url:
        run = load(url, tmp_path, "-f", str(locustfile), "-u", "20", "-t", "3s", "--warm-up", "0", *OPENAI)

    reasons = {reason["code"] for reason in run.document["verdict"]["reasons"]}
    assert (run.code, run.document["verdict"]["state"]) == (4, "INVALID")
    assert reasons & {"client_lag", "client_cpu"}


def test_a_missed_threshold_is_3_and_goodput_is_told(tmp_path):
    with truth(events=4, every=10, delay=80) as url:
        run = load(url, tmp_path, "-u", "2", "-t", "2s", "--slo", "ttft_p95=20ms,error_rate=1%", *OPENAI)

    assert run.ended_with(3), run.output
    assert [each["met"] for each in run.document["slo"]] == [False, True]
    assert run.document["goodput"]["attainment"] == 0


def test_a_run_worse_than_its_baseline_is_5_and_the_same_again_is_0(tmp_path):
    how = ("-u", "4", "-t", "6s", "--warm-up", "0", *OPENAI)
    with truth(events=6, every=20, delay=50) as url:
        before = load(url, tmp_path / "before", *how)
        (report,) = (tmp_path / "before").glob("results/*/report.json")
    with truth(events=6, every=20, delay=250) as url:
        now = load(url, tmp_path / "now", *how, "--baseline", str(report))

    assert (before.passed, now.ended_with(5)) == (True, True), now.output
    verdicts = {row["metric"]: row["verdict"] for row in now.document["baseline"]["rows"]}
    assert verdicts["ttft_p50"] == verdicts["e2e_p50"] == "worse"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--rate", "fast"), "argument --rate: 'fast' is no number"),
        (("--rate", "3", "--sweep", "1,2"), "--rate and --sweep are different loads; take one"),
        (("-t", "0s"), "--run-time 0 measures nothing"),
    ],
)
def test_what_cannot_be_meant_is_2_and_says_what_can(options, words, tmp_path):
    run = load("http://127.0.0.1:9", tmp_path, *options)

    assert run.code == 2
    assert words in run.output
    assert "Traceback" not in run.output


def test_no_key_gets_into_a_report_or_onto_the_terminal(tmp_path):
    with truth(events=2, every=5, delay=5) as url:
        secret = {"LOAD_KEY": "app-0123456789secret"}
        run = load(url, tmp_path, *SHORT, "--kind", "dify", env=secret)

    written = json.dumps(run.document) + run.output
    assert run.passed, run.output
    assert "secret" not in written
