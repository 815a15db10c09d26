"""The real plugin process, debugged through a stand-in for port 5003 of Dify's daemon."""

import os
import signal
import time

import psutil
import pytest

from provider.core.detected import Detected
from tests.scripts.debug_runs import checkout, debugging
from tests.servers import Response, ScriptedServer, by_path
from tests.servers.bodies import ollama_stream
from tests.servers.debugging_port import KEY, DebuggingPort

pytestmark = pytest.mark.slow
QUESTION = [{"role": "user", "content": "hi"}]


@pytest.fixture
def dify():
    with DebuggingPort() as port:
        yield port


@pytest.fixture
def folder(dify, tmp_path):
    lines = f"# mine\nINSTALL_METHOD=remote\nREMOTE_INSTALL_HOST=127.0.0.1\nREMOTE_INSTALL_PORT={dify.port}\n"
    return checkout(tmp_path, f"{lines}REMOTE_INSTALL_KEY={KEY}\n")


def answer_of(plugin):
    with ScriptedServer(by_path({"/api/chat": Response.ndjson(ollama_stream("Hello", " world"))})) as server:
        saved = Detected(f"ollama {server.url}", server.url, "ollama").dumps()
        form = {"base_url": server.url, "server": "ollama", "detected": saved}
        return "".join(chunk["delta"]["message"]["content"] for chunk in plugin.invoke_llm("m", form, QUESTION))


def assert_ends(pid):
    until = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "the plugin outlived the command"
        time.sleep(0.05)


def test_dify_gets_the_plugin_and_its_answers_and_ctrl_c_takes_it_away(dify, folder):
    with debugging(folder) as run:
        plugin = dify.plugin()
        run.wait_for("connected to")

        assert plugin.declared["manifest_declaration"]["name"] == "local_models"
        assert plugin.declared["model_declaration"][0]["provider"] == "local_models"
        assert plugin.assets >= {"icon.svg"}
        assert answer_of(plugin) == "Hello world"

        [child] = psutil.Process(run.process.pid).children()
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(5) == 0
        assert_ends(child.pid)
        assert KEY not in run.text
        assert "ended; Dify has the plugin no more" in run.text


def test_after_a_restart_of_dify_the_plugin_is_there_again(dify, folder):
    with debugging(folder) as run:
        dify.plugin()
        run.wait_for("connected to")
        dify.go()
        run.wait_for("Dify does not answer (refused")
        dify.come_back()
        plugin = dify.plugin()
        run.wait_for("connected again to")

        assert answer_of(plugin) == "Hello world"
        assert KEY[:8] not in run.text


def test_a_key_that_dify_has_forgotten_ends_it_with_the_way_to_a_new_one(dify, folder):
    with debugging(folder) as run:
        plugin = dify.plugin()
        run.wait_for("connected to")
        dify.key = "another"
        plugin.drop()

        assert run.process.wait(20) == 1
        assert "Dify refuses the key of .env now" in run.text
        assert "--renew" in run.text
        assert KEY[:8] not in run.text


def test_the_plugin_ends_when_the_command_is_killed(dify, folder):
    with debugging(folder) as run:
        dify.plugin()
        [child] = psutil.Process(run.process.pid).children()
        os.kill(run.process.pid, signal.SIGKILL)
        run.process.wait(5)

        assert_ends(child.pid)
