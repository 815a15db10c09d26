"""`python -m scripts sync --watch`: models come and go, servers and Dify too, and it goes on."""

import json
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from threading import Thread

import pytest

from scripts.dify.errors import NotReachable, SignInFailed
from scripts.sync.servers import Found
from scripts.sync.watch import SLOWEST, WHOLE_LOOK, Watch
from tests.scripts.kit_runs import command
from tests.servers.dify_killing import BY_EMAIL
from tests.servers.dify_servers import CHAT, ChangingOllama

pytest_plugins = ["tests.servers.dify_fixtures"]


@contextmanager
def watching(dify, *options):
    """The command while it runs, its lines as they come, and its exit code once it has ended."""
    started = command("sync", *options, "--watch", "--dify", dify.url, **BY_EMAIL, PYTHONUNBUFFERED="1")
    process = subprocess.Popen(**started, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = []
    Thread(target=lambda: lines.extend(line.rstrip() for line in process.stdout), daemon=True).start()
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()


def until(is_so, seconds=10.0):
    """How long it took."""
    begin = time.monotonic()
    while not is_so():
        assert time.monotonic() < begin + seconds, "it did not happen"
        time.sleep(0.02)
    return time.monotonic() - begin


def models(dify):
    return {model for model, _ in dify.state.names()}


def without_times(lines):
    return [re.sub(r"\d\d:\d\d:\d\d ", "", line) for line in lines]


@pytest.mark.slow
def test_a_model_that_is_pulled_is_in_dify_within_ten_seconds(dify):
    with ChangingOllama(tiny=CHAT) as ollama, watching(dify, ollama.url) as (process, lines):
        until(lambda: models(dify) == {"tiny"})
        ollama.models["qwen3:8b"] = CHAT
        assert until(lambda: "qwen3:8b" in models(dify)) < 10
        until(lambda: len(lines) == 4)
        os.kill(process.pid, signal.SIGTERM)
        process.wait(5)
        address = ollama.url.removeprefix("http://")

    assert process.returncode == 130
    assert without_times(lines) == [
        f"Watching {address} every 3 s. Ctrl-C ends it.",
        "✓ added tiny (llm)",
        "✓ tiny is now the default for llm",
        "✓ added qwen3:8b (llm)",
        "✗ interrupted",
    ]


@pytest.mark.slow
def test_it_goes_on_when_servers_and_dify_come_and_go_and_tells_each_trouble_once(dify):
    with (
        ChangingOllama(tiny=CHAT) as ollama,
        watching(dify, ollama.url, "--prune", "--every", "0.3") as (process, lines),
    ):
        until(lambda: len(lines) == 3)
        calls = len(dify.calls)
        time.sleep(1.0)
        quiet = len(dify.calls) - calls
        ollama.models = {"new": CHAT}
        until(lambda: len(lines) == 6)
        dify.broken = range(1, 999)
        ollama.models["more"] = CHAT
        until(lambda: len(lines) == 8)
        dify.broken = ()
        until(lambda: len(lines) == 10)
        process.send_signal(signal.SIGINT)
        process.wait(5)

    gone = f"{dify_words(lines)}: the proxy is there, Dify's api behind it is not"
    assert quiet == 0
    assert without_times(lines)[3:] == [
        "✓ added new (llm)",
        "✓ removed tiny (llm): no server has it any more",
        "✓ new is now the default for llm",
        f"✗ {gone}",
        "  → wait until it is up: docker compose ps in Dify's docker folder",
        "✓ added more (llm)",
        f"✓ no more: {gone}",
        "✗ interrupted",
    ]


def dify_words(lines):
    return re.search(r"http://\S+ answers HTTP 502", "\n".join(lines))[0]


@pytest.mark.slow
def test_a_program_gets_a_line_of_json_for_each_change_and_each_trouble(dify):
    with ChangingOllama(tiny=CHAT) as ollama, watching(dify, ollama.url, "--every", "0.3", "--json") as (_, lines):
        until(lambda: len(lines) == 1)
        ollama.key = "closed"
        until(lambda: len(lines) == 3)
        ollama.key = ""
        until(lambda: len(lines) == 4)

    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert [(each["schema_version"], each["ok"], each["changed"]) for each in told] == [
        (1, True, 1),
        (1, False, 0),
        (1, True, 0),
    ]


@pytest.mark.slow
def test_it_waits_while_the_plugin_is_exchanged_for_another_version(dify, ours):
    with ChangingOllama(tiny=CHAT) as ollama, watching(dify, ollama.url, "--every", "0.2") as (_, lines):
        until(lambda: len(lines) == 3)
        dify.plugins.installed.clear()
        ollama.models["new"] = CHAT
        until(lambda: any("the plugin is not installed" in line for line in lines))
        dify.with_plugin(ours)
        until(lambda: "new" in models(dify))


class Watched:
    """Something to be kept in agreement, whose clock a test winds."""

    def __init__(self):
        self.now, self.servers, self.calls, self.error, self.is_good = 0.0, "a", [], None, True

    def look(self):
        return [Found(self.servers)]

    def forget(self):
        self.calls.append("forget")

    def state(self, found):
        return found[0].instance

    def settle(self, found):
        self.calls.append("settle")
        if self.error:
            raise self.error
        return self.is_good

    def failed(self, error):
        self.calls.append("failed")


@pytest.fixture
def watched():
    return Watched()


@pytest.fixture
def look(watched):
    watch = Watch(watched, 3.0, lambda: watched.now)

    def look(*, after=3.0):
        """What was done at the next look."""
        watched.now += after
        watched.calls.clear()
        assert watch.step() == 3.0
        return list(watched.calls)

    return look


def test_dify_is_asked_when_the_servers_have_changed_and_else_once_a_minute(watched, look):
    assert look(after=0) == ["forget", "settle"]
    assert look() == []
    watched.servers = "b"
    assert look() == ["settle"]
    assert look(after=WHOLE_LOOK - 1) == []
    assert look(after=1) == ["forget", "settle"]


def test_what_failed_is_tried_again_more_and_more_rarely_but_a_change_at_once(watched, look):
    watched.is_good = False
    tries = [look() for _ in range(60)]

    gaps = [len(each) for each in "".join("x" if each else "." for each in tries).split("x")[1:-1]]
    assert gaps == sorted(gaps)
    assert gaps[-1] >= SLOWEST / 3 - 1
    watched.servers = "b"
    assert look() == ["settle"]


def test_a_dify_that_is_away_is_waited_for_and_a_refused_sign_in_ends_it(watched, look):
    watched.error = NotReachable("away")
    assert look() == ["forget", "settle", "failed"]

    watched.error, watched.servers = SignInFailed("wrong"), "b"
    with pytest.raises(SignInFailed):
        look()
