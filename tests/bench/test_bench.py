"""The real command with the real plugin, as short as it can be."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BENCH = [sys.executable, "-m", "scripts", "bench", "--quick", "--json"]


@pytest.fixture
def out(tmp_path):
    return tmp_path / "results.json"


def test_what_is_quick_to_measure_is_measured(out):
    command = [*BENCH, "--only", "first_token,connections", "--out", out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    results = json.loads(done.stdout)
    rows = {row["name"]: row for row in results["rows"]}
    assert rows.keys() == {"first_token_ollama", "first_token_openai", "connections"}
    assert rows["connections"]["value"] == 1
    assert rows["first_token_ollama"]["rounds"] == 50
    assert 0 < rows["first_token_ollama"]["reference"] < rows["first_token_ollama"]["value"]
    assert str(Path.home()) not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupted_run_leaves_no_process_behind(out):
    with subprocess.Popen([*BENCH, "--only", "cpu", "--out", out], cwd=ROOT, stdout=subprocess.DEVNULL) as bench:
        children = wait_for_children(psutil.Process(bench.pid), 3)
        bench.send_signal(signal.SIGINT)
        code = bench.wait(20)

    assert code == 130
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert not out.exists()


def wait_for_children(process, count):
    """The server and both plugins."""
    until = time.monotonic() + 30
    while len(children := process.children()) < count:
        assert time.monotonic() < until, "the benchmark did not start its processes"
        time.sleep(0.05)
    return children
