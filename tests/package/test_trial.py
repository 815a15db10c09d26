import os
import sys
from pathlib import Path

import pytest

from scripts.pack import pack
from scripts.packaging.trial import install_problems, start

VENV = Path(sys.prefix)  # the one the tests run in: making an empty one takes seconds
BEATS = """
import json, os, time
open("pid", "w").write(str(os.getpid()))
print("not JSON", 1, [], flush=True)
print(json.dumps({"event": "heartbeat"}), flush=True)
time.sleep(600)
"""
ASKS = """
import os
assert os.environ["INSTALL_METHOD"] == "local"
assert "HOME" not in os.environ
raise SystemExit("all as in the daemon")
"""


@pytest.fixture
def started(tmp_path):
    def starting(main, seconds=30):
        (tmp_path / "main.py").write_text(main)
        return start(VENV, tmp_path, seconds)

    return starting


def test_a_plugin_that_sends_a_heartbeat_is_fine_and_is_not_left_running(started, tmp_path):
    assert started(BEATS) == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_plugin_that_ends_is_quoted(started):
    assert started("import nobody_has_it").endswith(" / ModuleNotFoundError: No module named 'nobody_has_it'")


def test_a_plugin_that_says_nothing_is_not_waited_for_forever(started):
    assert started("import time; time.sleep(600)", 0.5) == "no heartbeat, and not a word why"


def test_it_is_started_as_the_daemon_starts_it(started):
    assert started(ASKS) == "all as in the daemon"


@pytest.mark.slow
def test_a_requirement_without_a_hash_is_not_installed(plugin, tmp_path):
    (plugin / "requirements.txt").write_text("colorama==0.4.6\n")

    problems = list(install_problems(pack(plugin, tmp_path / "out").path))

    assert len(problems) == 1
    assert problems[0].startswith("its requirements cannot be installed")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_repositorys_package_installs_from_its_own_pins_and_starts(repository, tmp_path):
    assert list(install_problems(pack(repository, tmp_path).path)) == []
