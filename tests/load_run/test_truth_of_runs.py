"""Whole runs against a server whose every answer is known: what the report says is what the server did."""

import pytest

from tests.load_run.running import DIFY, OPENAI, load, load_with_master, told, truth

pytestmark = pytest.mark.slow

# 20 events, 100 ms apart, the first after 150 ms; each counts as two tokens.
PLAN = {"events": 20, "every": 100, "delay": 150, "per_event": 2}
TRUE = {"ttft": 150.0, "ttfv": 150.0, "icl": 100.0, "tpot": 1900 / 39, "e2e": 2050.0}
# ms; nothing is early, the best is exact, and a machine that is busy with other things makes many late
EARLY, EXACT, LATE = 1.0, 15.0, 100.0

WAYS = {
    "one process": load,
    "two processes": lambda *how: load(*how, "--processes", "2"),
    "master and workers": load_with_master,
}


@pytest.mark.parametrize(
    ("way", "users"),
    [("one process", 1), ("one process", 50), ("one process", 200), ("two processes", 200), ("master and workers", 50)],
)
def test_every_metric_is_what_the_server_did(way, users, tmp_path):
    with truth(**PLAN) as url:
        options = ["-u", str(users), "-r", str(users), "-t", "5s" if users == 1 else "3s", "--warm-up", "0", *DIFY]
        run = WAYS[way](url, tmp_path, *options)
        server = told(url)

    document = run.document
    totals = document["totals"]
    good = totals["ok"]
    assert run.code == document["verdict"]["exit_code"] in expected_codes(document, users), run.output
    assert totals["requests"] == server["requests"] == good + totals["incomplete"]
    assert run.table() == {"requests": good, "failures": 0}
    assert totals["tokens"] == {"prompt": 7 * good, "output": 40 * good, "cached": 0, "source": "usage"}
    assert totals["outcomes"] == {
        "ok": good,
        **({"incomplete_at_end": totals["incomplete"]} if totals["incomplete"] else {}),
    }
    assert totals["concurrency"]["peak"] == users
    assert server["stops"] == totals["incomplete"], "what was open at the end was stopped on the server"
    for metric, expected in TRUE.items():
        stats = totals["latency"][metric]
        assert stats["n"] == (good * 19 if metric == "icl" else good)
        assert expected - EARLY <= stats["p50"] <= expected + LATE, (metric, stats)
        assert metric == "icl" or abs(stats["min"] - expected) < EXACT, (metric, stats)
    assert totals["latency"]["ttfe"]["min"] < EXACT
    assert totals["tokens_per_s_user"]["p50"] == pytest.approx(1000 / TRUE["tpot"], rel=0.02)
    assert document["conditions"]["processes"] == (1 if way == "one process" else 2)


def expected_codes(document, users):
    """A machine that is busy with other things may make the load generator late at many streams; then it says so."""
    reasons = {reason["code"] for reason in document["verdict"]["reasons"]}
    return (0, 4) if users == 200 and reasons & {"client_lag", "client_cpu"} else (0,)


@pytest.mark.parametrize("way", ["one process", "two processes"])
def test_open_loop_requests_leave_at_their_time_however_slow_the_answers_are(way, tmp_path):
    with truth(events=5, every=100, delay=300) as url:
        options = ["--rate", "20", "--arrivals", "constant", "-t", "2s", "--warm-up", "0", "--drain", "3", *OPENAI]
        run = WAYS[way](url, tmp_path, *options)
        server = told(url)

    totals = run.document["totals"]
    assert run.passed, run.output
    assert totals["requests"] == server["requests"] == totals["ok"] == 40
    assert len(set(server["prompts"])) == 40
    assert totals["latency"]["schedule_lag"]["p50"] < 50
    assert totals["latency"]["e2e_scheduled"]["p50"] == pytest.approx(
        totals["latency"]["e2e"]["p50"] + totals["latency"]["schedule_lag"]["p50"], abs=5
    )
    assert run.document["conditions"]["client"]["offered_per_s"] == pytest.approx(20, rel=0.05)


def test_what_one_process_may_not_have_in_flight_is_dropped_and_counted(tmp_path):
    with truth(events=2, every=10, delay=900) as url:
        options = [
            "--rate",
            "20",
            "--arrivals",
            "constant",
            "--max-in-flight",
            "5",
            "-t",
            "2s",
            "--warm-up",
            "0",
            *OPENAI,
        ]
        run = load(url, tmp_path, *options)
        server = told(url)

    conditions, reasons = run.document["conditions"], run.document["verdict"]["reasons"]
    assert server["requests"] + conditions["load"]["dropped"] == 40
    assert "not_offered" in [reason["code"] for reason in reasons]


def test_each_fourth_request_that_fails_is_counted_as_such_everywhere(tmp_path):
    with truth(events=3, every=10, delay=20, fault="failed", fault_every=4) as url:
        run = load(url, tmp_path, "-u", "4", "-t", "2s", "--warm-up", "0", *DIFY)
        server = told(url)

    totals = run.document["totals"]
    assert run.code == 1
    assert abs(totals["outcomes"]["app_error"] - server["requests"] // 4) <= 4
    assert run.table() == {"requests": totals["ok"] + totals["failed"], "failures": totals["failed"]}
