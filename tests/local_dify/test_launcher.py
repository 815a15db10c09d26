"""The service is started by one call or one command, says why when it cannot, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import httpx
import psutil
import pytest

from local_dify import NotStarted, launcher, running
from tests.local_dify.asking import Dify
from tests.local_dify.test_runs import until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
QA = Path(__file__).parent / "apps/qa.yml"
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'stress-test'}"}
DEAD = "http://127.0.0.1:9"


def descendants() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_the_real_server_answers_through_the_real_plugin(graphon, demo_server):
    with running(demo_server.url, ["simple_qa_workflow", "bare_echo"]) as served:
        assert list(served["keys"]) == ["simple_qa_workflow", "bare_echo"]
        told = Dify(**served).whole("simple_qa_workflow", "workflow", inputs={"question": "who are you"}).json()["data"]

    assert told["status"] == "succeeded"
    assert told["outputs"]["answer"]
    assert told["total_tokens"] > 0


def test_nothing_runs_on_after_the_block(graphon, backend):
    before = descendants()

    with running(backend.url, [QA]) as served:
        assert len(descendants() - before) == 2  # the service and the plugin

    assert until(lambda: descendants() == before)
    with pytest.raises(httpx.ConnectError):
        httpx.get(served["url"], trust_env=False)


def test_it_can_be_started_by_a_thread_that_ends(graphon, backend):
    """On Linux a child dies with the thread that started it."""
    entered = running(backend.url, [QA])
    found: list[launcher.Served] = []
    starter = threading.Thread(target=lambda: found.append(entered.__enter__()))
    starter.start()
    starter.join()

    try:
        assert httpx.get(found[0]["url"], trust_env=False).status_code == 200
    finally:
        entered.__exit__(None, None, None)


def test_the_service_and_the_plugin_die_with_a_killed_parent(graphon, backend):
    script = f"""
        import time
        from local_dify import running
        with running({backend.url!r}, [{str(QA)!r}]) as served:
            print(served["url"], flush=True)
            time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout
        assert parent.stdout.readline().startswith("http://127.0.0.1:")
        children = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()

    assert len(children) == 2
    assert until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))


def test_a_model_server_that_is_not_there_is_the_plugins_message(graphon):
    with pytest.raises(NotStarted, match=r"127\.0\.0\.1:9"), running(DEAD, [QA]):
        pass


def test_a_file_that_the_engine_refuses_is_named_with_the_reason(graphon, backend, tmp_path):
    agent = tmp_path / "agent.yml"
    agent.write_text(QA.read_text().replace("type: llm", "type: agent"))

    with pytest.raises(NotStarted, match="agent: node 'llm' has the type agent"), running(backend.url, [agent]):
        pass


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", r"there is no workflow file .*nowhere\.yml; by name there are bare_echo, coding_toolbox,"),
        ("tool_agent", "tool_agent is an agent, which only a Dify runs"),
    ],
)
def test_a_workflow_that_cannot_be_served_is_named(name, words):
    with pytest.raises(NotStarted, match=words), running(DEAD, [name]):
        pass


def command(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "local_dify", *arguments], env=ENVIRONMENT, cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_the_command_prints_address_and_keys_and_ends_with_ctrl_c(graphon, backend):
    with command("--server", backend.url, "--json", str(QA)) as started:
        assert started.stdout
        told = json.loads(started.stdout.readline())
        answer = httpx.get(told["url"], trust_env=False)
        started.send_signal(signal.SIGINT)
        ended = started.wait(10)
        stderr = started.stderr.read() if started.stderr else ""

    assert (told["schema_version"], list(told["keys"]), answer.status_code) == (1, ["qa"], 200)
    assert (ended, stderr) == (0, "")


def test_the_command_says_what_is_wrong_without_a_traceback(graphon):
    with command("--server", DEAD, str(QA)) as started:
        stdout, stderr = started.communicate(timeout=60)

    assert (started.returncode, stdout) == (3, "")
    assert "127.0.0.1:9" in stderr
    assert "Traceback" not in stderr
