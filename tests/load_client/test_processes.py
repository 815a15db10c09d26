"""Locust's `--processes` forks: parent and child each read their own connections."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.load_client.truth import truth

ROOT = Path(__file__).parents[2]
PROGRAM = """
from gevent import monkey
monkey.patch_all()
import os, sys
from load_client import Ask, Client, fetch
url = sys.argv[1]
fetch("GET", url + "/v1/info", {})
client = Client()
ask = Ask("x", url + "/v1/chat/completions?events=5&every=10&delay=10", {"stream": True}, "openai")
before = client.ask(Ask("x", ask.url, ask.body, "openai", reuse=False)).outcome
child = os.fork()
outcomes = [client.ask(ask).outcome.value for _ in range(3)]
client.close()
if child:
    outcomes += ["child failed"] * bool(os.waitpid(child, 0)[1])
    print(before.value, *outcomes)
else:
    os._exit(outcomes != ["ok"] * 3)
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork here")
def test_a_client_that_was_used_before_a_fork_works_on_both_sides():
    with truth() as url:
        command = [sys.executable, "-c", PROGRAM, url]
        done = subprocess.run(
            command,
            env={"PYTHONPATH": str(ROOT / "stress-test")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (done.stdout, done.stderr) == ("ok ok ok ok\n", "")
