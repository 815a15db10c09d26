"""Loads of every shape as whole runs, and runs that somebody stops."""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.load_run.running import DIFY, LOCUST, OPENAI, STRESS, Ran, arguments, free_port, load, told, truth

pytestmark = pytest.mark.slow

PLAN = {"events": 5, "every": 20, "delay": 50}  # 130 ms an answer


def test_a_sweep_drains_between_its_steps_and_says_what_the_box_carries(tmp_path):
    with truth(**PLAN) as url:
        options = ["--sweep", "1,4", "--step-time", "1.5", "--warm-up", "0", "--slo", "ttft_p95=1s", *DIFY]
        run = load(url, tmp_path, *options)
        server = told(url)

    document = run.document
    assert run.passed, run.output
    assert [(step["load"], step["met_slo"]) for step in document["steps"]] == [(1, True), (4, True)]
    assert document["sweep"]["carries"] == 4
    assert [step["figures"]["concurrency"]["peak"] for step in document["steps"]] == [1, 4]
    assert sum(step["figures"]["ok"] for step in document["steps"]) == document["totals"]["ok"]
    assert document["totals"]["requests"] == server["requests"]
    assert server["stops"] == 0


def test_a_search_finds_the_last_load_that_keeps_the_threshold(tmp_path):
    with truth(**PLAN) as url:
        options = ["--find-users", "2", "--step-time", "1", "--warm-up", "0", "--slo", "ttft_p95=1s", *OPENAI]
        run = load(url, tmp_path, *options)

    assert [step["load"] for step in run.document["steps"]] == [1, 2]
    assert "This box carries 2 users" in run.document["verdict"]["sentence"]


def test_a_sweep_over_rates_offers_each_rate(tmp_path):
    with truth(**PLAN) as url:
        options = ["--sweep", "5,20/s", "--step-time", "2", "--arrivals", "constant", "--warm-up", "0", *OPENAI]
        run = load(url, tmp_path, *options)

    steps = run.document["steps"]
    assert [(step["load"], step["unit"], step["figures"]["requests"]) for step in steps] == [
        (5, "req/s", 10), (20, "req/s", 40),
    ]  # fmt: skip


def test_a_ramp_of_users_ends_with_more_in_flight_than_it_began(tmp_path):
    with truth(**PLAN) as url:
        run = load(url, tmp_path, "--ramp", "1-10", "-t", "4s", "--warm-up", "0", *OPENAI)

    series = run.document["series"]
    assert run.passed, run.output
    assert series[0]["in_flight"] < 4 < series[3]["in_flight"]


def test_a_trace_is_replayed_at_its_times_with_its_words(tmp_path):
    trace = tmp_path / "trace.jsonl"
    lines = [{"prompt": f"question {number}", "at": 100 + number / 2} for number in range(4)]
    trace.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with truth(**PLAN) as url:
        run = load(url, tmp_path, "--trace", str(trace), "--warm-up", "0", "--cache", "hit", *OPENAI)
        server = told(url)

    assert server["prompts"] == [f"question {number}" for number in range(4)]
    assert run.document["totals"]["ok"] == 4
    assert [second["started"] for second in run.document["series"][:2]] == [2, 2]


def test_a_trace_of_one_request_is_one_request(tmp_path):
    trace = tmp_path / "trace.jsonl"
    trace.write_text('{"prompt": "half of a pair: \\ud83d", "at": 7}\n', encoding="utf-8")
    with truth(**PLAN) as url:
        run = load(url, tmp_path, "--trace", str(trace), "--warm-up", "0", "--cache", "hit", *OPENAI)
        server = told(url)

    assert server["prompts"] == ["half of a pair: ?"]
    assert (run.code, run.document["totals"]["ok"]) == (0, 1)


def test_warm_up_is_outside_the_numbers(tmp_path):
    with truth(**PLAN) as url:
        run = load(url, tmp_path, "-u", "2", "-t", "1s", "--warm-up", "5", *OPENAI)
        server = told(url)

    assert server["requests"] == run.document["totals"]["requests"] + 5
    assert run.document["conditions"]["warm_up"] == 5
    assert run.table()["requests"] == run.document["totals"]["ok"]


def test_prompts_of_a_real_server_have_the_length_that_was_wanted(demo_server, tmp_path):
    options = ["-u", "1", "-t", "2s", "--prompt-tokens", "80", "--max-tokens", "8", "--allowed-errors", "100%"]
    run = load(demo_server.url, tmp_path, *options)

    totals = run.document["totals"]
    assert totals["ok"] > 0, run.output
    assert totals["tokens"]["prompt"] / totals["ok"] == pytest.approx(80, rel=0.15)


def test_where_the_server_does_not_count_lengths_the_run_does_not_begin(tmp_path):
    with truth(**PLAN) as url:
        run = load(url, tmp_path, "-t", "1s", "--prompt-tokens", "100", *OPENAI)

    assert run.code == 2
    assert "lengths cannot be measured by it" in run.output


def test_conversations_go_on_in_dify_with_its_own_id(tmp_path):
    with truth(**PLAN) as url:
        run = load(url, tmp_path, "-u", "1", "-t", "1s", "--warm-up", "0", "--turns", "2", "--route", "chat", *DIFY)
        prompts = told(url)["prompts"]

    assert run.passed, run.output
    salted = [prompt.startswith("[") for prompt in prompts]
    assert salted[:4] == [True, False, True, False], "only the first turn of a conversation needs a salt"


def test_the_model_behind_dify_gets_the_same_load_and_the_difference_is_dify_s_cost(tmp_path):
    with truth(events=5, every=20, delay=150) as dify, truth(events=5, every=20, delay=50) as model:
        options = ["-u", "2", "-t", "2s", "--warm-up", "0", "--compare", model, "--model", "truth", *DIFY]
        run = load(dify, tmp_path, *options)
        asked = told(model)

    rows = {row["metric"]: row for row in run.document["comparison"]["rows"]}
    assert run.passed, run.output
    assert rows["ttft_p50"]["cost"] == pytest.approx(100, abs=30)
    assert sum("[" in each for each in asked["prompts"]) == run.document["comparison"]["model"]["requests"]
    assert list(run.document["rows"]) == ["dify workflow truth"], "the model's requests are not the run's"


@pytest.mark.parametrize("more", [[], ["--processes", "2"]], ids=["one process", "two processes"])
def test_ctrl_c_ends_a_run_with_its_report_and_stops_what_is_open(more, tmp_path):
    with truth(events=600, every=50) as url:
        options = ["-u", "4", "-r", "50", "-t", "60s", "--warm-up", "0", *DIFY, *more]
        process = started([*LOCUST, *arguments(url, tmp_path, options)])
        try:
            until(lambda: told(url)["requests"] == 4)
            time.sleep(0.3)
            os.killpg(process.pid, signal.SIGINT)
            output, _ = process.communicate(timeout=30)
        finally:
            process.kill()
        server = told(url)

    run = Ran(process.returncode, output, tmp_path)
    assert run.document["totals"]["outcomes"] == {"incomplete_at_end": 4}
    assert run.code == 4
    assert (server["stops"], server["open"]) == (4, 0)


def test_a_worker_that_dies_makes_the_run_suspect_and_does_not_hold_it_up(tmp_path):
    port = str(free_port())
    worker = [*LOCUST, "--worker", "--master-port", port]
    leads = ["--master", "--master-bind-port", port, "--expect-workers", "2", "-u", "4", "-t", "8s", "--warm-up", "0"]
    with truth(**PLAN) as url:
        processes = [started(each) for each in ([*LOCUST, *arguments(url, tmp_path, [*leads, *DIFY])], worker, worker)]
        try:
            until(lambda: told(url)["requests"] > 4)
            processes[1].kill()
            output, _ = processes[0].communicate(timeout=40)
        finally:
            for each in processes:
                each.kill()
                each.communicate()

    run = Ran(processes[0].returncode, output, tmp_path)
    verdict = run.document["verdict"]
    assert run.code == verdict["exit_code"] in {0, 4}, output
    assert verdict["state"] != "VALID"
    assert "1 of 2 workers went away during the run" in str(verdict["reasons"])
    assert run.document["totals"]["ok"] > 20


def started(command):
    return subprocess.Popen(
        command, cwd=STRESS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip


def until(happened, patience=15.0):
    end = time.monotonic() + patience
    while not happened() and time.monotonic() < end:
        time.sleep(0.05)
