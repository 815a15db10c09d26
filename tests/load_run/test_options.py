"""Where options come from, and what Locust shows of them."""

import re
import subprocess
import sys

import pytest

from load_run.options import OPTIONS
from tests.load_run.running import STRESS, load

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("source", ["environment", "locust.conf", "pyproject.toml"])
def test_an_option_may_come_from_anywhere_that_locust_reads(source, tmp_path):
    files = {"locust.conf": "burst = many", "pyproject.toml": '[tool.locust]\nburst = "many"'}
    if source in files:
        (tmp_path / source).write_text(files[source] + "\n", encoding="utf-8")
    env = {"LOAD_BURST": "many"} if source == "environment" else {}
    run = load("http://127.0.0.1:9", tmp_path, "-f", str(STRESS / "locustfile.py"), cwd=tmp_path, env=env)

    assert run.code == 2
    assert "'many' is no burst; 20/10s is 20 requests at once, every 10 seconds" in run.output


def test_every_option_has_a_line_of_its_own():
    command = [sys.executable, "-m", "load_run.options"]
    said = subprocess.run(command, cwd=STRESS, capture_output=True, text=True, timeout=60, check=True).stdout

    for name in ("kind", "scenarios", "rate", "sweep", "find-users", "trace", "slo", "baseline", "compare"):
        assert re.search(rf"^  --{name} +\w", said, re.MULTILINE), name


def test_every_option_that_the_readme_names_is_there():
    readme = (STRESS / "README.md").read_text(encoding="utf-8")
    known = {name for options in OPTIONS.values() for name, *_ in options}
    locusts = {"headless", "host", "users", "run-time", "spawn-rate", "processes", "master", "worker"}
    locusts |= {"help", "master-host", "master-bind-host", "expect-workers"}
    launchers = {"duration", "json", "quiet"}

    assert set(re.findall(r"--([a-z][a-z-]+)", readme)) - known - locusts - launchers == set()
