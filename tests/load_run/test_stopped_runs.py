"""How a run ends before its requests do: counted apart, stopped on the server, and nothing runs on."""

import signal
import subprocess
import time

import pytest

from tests.load_run.running import DIFY, LOCUST, OPENAI, STRESS, arguments, load, told, truth

pytestmark = pytest.mark.slow

LONG = {"events": 400, "every": 50, "delay": 50}  # 20 s


@pytest.mark.parametrize("way", [(), ("--processes", "2")], ids=["one process", "two processes"])
def test_requests_open_at_the_end_are_counted_apart_and_stopped_on_the_server(way, tmp_path):
    with truth(**LONG) as url:
        run = load(url, tmp_path, "-u", "4", "-r", "50", "-t", "2s", "--warm-up", "0", *way, *DIFY)
        server = told(url)

    assert run.document["totals"]["outcomes"] == {"incomplete_at_end": 4}
    assert run.document["totals"]["failed"] == 0
    assert (server["requests"], server["stops"], server["open"]) == (4, 4, 0)


def test_a_model_server_is_stopped_by_hanging_up(tmp_path):
    with truth(**LONG) as url:
        run = load(url, tmp_path, "-u", "3", "-r", "50", "-t", "2s", "--warm-up", "0", *OPENAI)
        server = told(url)

    assert run.document["totals"]["outcomes"] == {"incomplete_at_end": 3}
    assert (server["requests"], server["stops"], server["open"]) == (3, 0, 0)


@pytest.mark.parametrize("way", [(), ("--processes", "2")], ids=["one process", "two processes"])
def test_ctrl_c_ends_a_run_early_with_its_report(way, tmp_path):
    with truth(events=4, every=20, delay=50) as url:
        options = ("-u", "4", "-r", "50", "-t", "60s", "--warm-up", "0", *way, *OPENAI)
        process = subprocess.Popen(
            [*LOCUST, *arguments(url, tmp_path, options)],
            cwd=STRESS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        _wait_for_requests(url, 20)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        server = told(url)

    assert "Traceback" not in output
    (report,) = tmp_path.glob("results/*/report.json")
    assert str(report.with_suffix(".html")) in output
    assert server["open"] == 0


def _wait_for_requests(url, wanted):
    deadline = time.monotonic() + 20
    while told(url)["requests"] < wanted and time.monotonic() < deadline:
        time.sleep(0.2)
