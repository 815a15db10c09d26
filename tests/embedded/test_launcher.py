import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import psutil
import pytest
import requests

from scripts.embedded.server import EmbeddedOptions, NotStarted, embedded_server
from tests.embedded.asking import answer, get

ROOT = Path(__file__).parents[2]
CHAT = EmbeddedOptions("chat")
PARENT = """
import signal
from scripts.embedded.server import EmbeddedOptions, embedded_server
with embedded_server(EmbeddedOptions("chat")) as server:
    print(server.pid, server.url, flush=True)
    signal.pause()
"""


def is_gone(pid):
    """A zombie waits for its parent, but does nothing any more."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_gone_within(pid, seconds):
    deadline = time.monotonic() + seconds
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_gone(pid)


def post_endless(server):
    """A stream that goes on until its context is full."""
    body = {"prompt": "x", "n_predict": -1, "ignore_eos": True, "stream": True}
    return requests.post(f"{server.url}/completion", json=body, stream=True, timeout=5)


def python(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_server_is_there_in_a_second_and_gone_after_the_block():
    start = time.monotonic()
    with embedded_server(CHAT) as server:
        assert time.monotonic() - start < 3  # it takes 0.2 s; a busy machine may be slower
        assert answer(server, "hello") == "Hello from the tiny test model."
        assert server.is_running

    assert is_gone(server.pid)
    assert not server.log.exists()


def test_a_server_is_gone_after_an_error_in_the_block():
    with pytest.raises(ZeroDivisionError), embedded_server(CHAT) as server:
        print(1 / 0)

    assert is_gone(server.pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_when_its_parent_dies(number, tmp_path):
    with python("-c", PARENT, TMPDIR=str(tmp_path)) as parent:
        pid, url = parent.stdout.readline().split()
        assert requests.get(f"{url}/health", timeout=5).ok
        parent.send_signal(number)
        parent.wait()

    assert is_gone_within(int(pid), seconds=3)


def test_a_server_that_hangs_is_ended_by_force():
    with embedded_server(CHAT) as server:
        os.kill(server.pid, signal.SIGSTOP)
        server.stop(patience=0.2)

        assert not server.is_running


def test_a_killed_server_breaks_an_answer_in_the_middle():
    with embedded_server(CHAT) as server:
        lines = post_endless(server).iter_lines()
        next(lines)
        server.kill()

        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(lines)
        assert not server.is_running


def test_a_stopped_server_does_not_wait_for_an_answer_to_end():
    with embedded_server(EmbeddedOptions("chat", context_length=100_000)) as server:
        with post_endless(server) as reply:
            next(reply.iter_lines())
            start = time.monotonic()
            server.stop()

        assert time.monotonic() - start < 2


def test_a_port_in_use_is_a_clear_error(chat_server):
    port = int(chat_server.url.rpartition(":")[2])

    with pytest.raises(NotStarted) as error, embedded_server(EmbeddedOptions("chat", port=port)):
        pass

    first, *log = str(error.value).splitlines()
    assert first == "the embedded llama.cpp server ended with exit code 1:"
    assert f"port {port} of 127.0.0.1 is taken; --port=0 takes any free one" in log  # llama.cpp may still say something


def test_a_missing_file_is_a_clear_error(tmp_path):
    missing = tmp_path / "missing.gguf"

    with pytest.raises(NotStarted, match=f"there is no file {missing}; a model is a path or one of: demo, chat"):
        embedded_server(EmbeddedOptions(str(missing))).__enter__()


def test_a_file_that_is_no_model_is_an_error_in_the_words_of_llama_cpp(tmp_path):
    text = tmp_path / "text.gguf"
    text.write_text("no model")

    with pytest.raises(NotStarted, match="invalid magic characters"):
        embedded_server(EmbeddedOptions(str(text))).__enter__()


def test_a_start_that_takes_too_long_is_given_up():
    with pytest.raises(NotStarted, match=r"was not ready within 0\.01 seconds"):
        embedded_server(CHAT, start_seconds=0.01).__enter__()


def test_a_missing_llama_cpp_is_a_clear_error(tmp_path):
    (tmp_path / "xllamacpp.py").write_text("raise ModuleNotFoundError(\"No module named 'xllamacpp'\")")

    with python("-m", "scripts.embedded", "chat", PYTHONPATH=str(tmp_path)) as process:
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 1
    assert errors.startswith("llama.cpp is not installed (No module named 'xllamacpp')")


def test_it_runs_from_any_folder_with_relative_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("short.jinja").write_text("{{ messages[0].content }}")

    with embedded_server(EmbeddedOptions("chat", template="short.jinja")) as server:
        assert get(server, "/props").json()["chat_template"] == "{{ messages[0].content }}"


def test_the_log_stays_where_it_was_asked_for(tmp_path):
    log = tmp_path / "server.log"

    with embedded_server(EmbeddedOptions("chat", verbosity=3), log):
        pass

    assert "model loaded" in log.read_text()


def test_every_option_reaches_the_server():
    options = EmbeddedOptions(
        "chat",
        alias="tiny,small",
        context_length=512,
        slots=3,
        api_key="secret",
        api_prefix="/llm",
        metrics=True,
    )

    with embedded_server(options) as server:
        assert server.url.endswith("/llm")
        assert get(server, "/props").status_code == 401
        properties = get(server, "/props", Authorization="Bearer secret").json()
        metrics = get(server, "/metrics", Authorization="Bearer secret").text

    assert properties["model_alias"] == "small"
    assert properties["default_generation_settings"]["n_ctx"] == 512
    assert properties["total_slots"] == 3
    assert "llamacpp:prompt_tokens_total" in metrics


def test_slots_that_share_a_context_break_each_other_when_it_is_full():
    with embedded_server(EmbeddedOptions("chat", context_length=256, shared_context=True)) as server:
        replies = [post_endless(server) for _ in range(2)]
        endings = [list(filter(None, reply.iter_lines()))[-1] for reply in replies]

    assert any(b"Context size has been exceeded." in ending for ending in endings)


def test_a_quiet_server_unloads_its_model_and_wakes_up():
    with embedded_server(EmbeddedOptions("chat", sleep_idle_seconds=1)) as server:
        deadline = time.monotonic() + 10
        while not get(server, "/props").json()["is_sleeping"] and time.monotonic() < deadline:
            time.sleep(0.1)

        assert get(server, "/props").json()["is_sleeping"]
        assert answer(server, "hello") == "Hello from the tiny test model."


def test_the_command_tells_a_person_what_it_does_and_ends_with_ctrl_c():
    with python("-m", "scripts.embedded", "chat") as process:
        told, ready = process.stdout.readline(), process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=5)

    assert told == "llama.cpp serves chat: through its API, and as a chat in the browser. Ctrl-C stops it.\n"
    assert ready.startswith("READY http://127.0.0.1:")
    assert (process.returncode, rest, errors) == (0, "", "")


def test_the_help_names_every_model_and_every_option():
    with python("-m", "scripts.embedded", "--help", COLUMNS="120") as process:
        text, _ = process.communicate(timeout=10)

    for field in fields(EmbeddedOptions):
        assert field.name.replace("_", "-") in text
    assert "demo – trained from scratch" in text
