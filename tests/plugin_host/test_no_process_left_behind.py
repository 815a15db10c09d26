import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from scripts.plugin_host import NotStarted, PluginHost

REPOSITORY = Path(__file__).parents[2]
WAIT = "for request in requests(): pass"
# A plugin that watches nothing: it would live on, as the SDK does under a parent that is not process 1.
DEAF = "time.sleep(60)"
PARENT = """
import sys, threading, time
from pathlib import Path
from scripts.plugin_host import PluginHost

def start():
    print(PluginHost(Path(sys.argv[1])).pid, flush=True)

if sys.argv[2] == "main thread":
    start()
else:
    threading.Thread(target=start).start()
time.sleep(60)
"""


def is_running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def assert_ends(pid):
    until = time.monotonic() + 5
    while is_running(pid):
        assert time.monotonic() < until, "the plugin outlived its host"
        time.sleep(0.01)


def test_closing_kills_even_a_plugin_that_does_not_listen(plugin_that):
    with PluginHost(plugin_that(DEAF)) as host:
        assert is_running(host.pid)

    assert not is_running(host.pid)


def test_a_failed_block_leaves_nothing_behind(plugin_that):
    with pytest.raises(ZeroDivisionError), PluginHost(plugin_that(DEAF)) as host:
        raise ZeroDivisionError

    assert not is_running(host.pid)


class ImpatientHost(PluginHost):
    first_heartbeat = 0.3


def test_a_start_without_heartbeat_leaves_nothing_behind(plugin_that):
    children = {child.pid for child in psutil.Process().children()}

    with pytest.raises(NotStarted, match=r"gave no sign for 0\.3 s"):
        ImpatientHost(plugin_that("import time; time.sleep(60)", before=""))

    assert {child.pid for child in psutil.Process().children()} <= children


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the SDK notices by itself, within a second")
@pytest.mark.parametrize("thread", ["main thread", "short-lived thread"])
def test_the_plugin_dies_with_a_host_that_is_killed(plugin_that, thread):
    command = [sys.executable, "-c", PARENT, plugin_that(DEAF), thread]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        time.sleep(0.1)  # the thread that asked for the plugin has ended
        assert is_running(pid)
        os.kill(parent.pid, signal.SIGKILL)

    assert_ends(pid)


def test_a_plugin_survives_the_thread_that_started_it(plugin_that):
    hosts = []
    starter = threading.Thread(target=lambda: hosts.append(PluginHost(plugin_that(WAIT))))
    starter.start()
    starter.join()
    time.sleep(0.1)

    assert is_running(hosts[0].pid)
    hosts[0].close()
