"""Workers that come and go while a run is on: what was measured stays right, and the report says so."""

import subprocess
import time
from contextlib import ExitStack, contextmanager

import pytest

from load_run.gathering import Gathering
from tests.load_run.running import LOCUST, OPENAI, STRESS, Ran, arguments, free_port, truth
from tests.load_run.test_parts import vitals


def closed(window_s):
    return {"tallies": {}, "vitals": vitals(), "window_s": window_s}


def test_the_window_is_that_of_the_workers_who_closed_it():
    gathering = Gathering({})
    gathering.add("a", closed(60.0))
    gathering.stage_begins()
    for worker, window_s in (("a", 2.0), ("b", 2.2), ("gone", 0.0)):
        gathering.add(worker, closed(window_s))

    assert gathering.window_s == pytest.approx(2.1)


@pytest.mark.slow
def test_a_worker_that_goes_and_one_that_comes_are_told_and_spoil_no_rate(tmp_path):
    port = str(free_port())
    worker = [*LOCUST, "--worker", "--master-host", "127.0.0.1", "--master-port", port]
    master = [*LOCUST, "--master", "--master-bind-port", port, "--expect-workers", "2"]
    how = ["-u", "4", "-r", "50", "-t", "6s", "--warm-up", "0", *OPENAI]
    with truth(events=5, every=20, delay=20) as url, ExitStack() as stack:
        going, _, leading = (
            stack.enter_context(running(command))
            for command in (worker, worker, [*master, *arguments(url, tmp_path, how)])
        )
        next(line for line in leading.stdout if "measuring at" in line)
        time.sleep(1)
        going.kill()
        stack.enter_context(running(worker))
        output = leading.communicate(timeout=60)[0]

    document = Ran(leading.returncode, output, tmp_path).document
    assert {"lost_workers", "late_workers"} <= {reason["code"] for reason in document["verdict"]["reasons"]}
    assert document["conditions"]["window_s"] == pytest.approx(6, abs=0.5)


@contextmanager
def running(command):
    """Killed at the end of the block."""
    process = subprocess.Popen(command, cwd=STRESS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
