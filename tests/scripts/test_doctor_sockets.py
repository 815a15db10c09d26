"""The doctor over real sockets, to loopback only."""

import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from scripts.doctoring import doors
from scripts.doctoring.machine import Machine
from scripts.doctoring.main import arguments, examine
from tests.core.test_reachability_sockets import (
    break_off,
    greet,
    hang_up,
    over_tls,
    refuse_plainly,
    say_nothing,
    server,
)
from tests.scripts.doctor_machines import found, run
from tests.servers import ReplayServer, Response, ScriptedServer, by_path
from tests.servers.faults import llamacpp_error, loading, wrong_key

__all__ = ["over_tls"]
ALONE = {"LOCAL_MODELS_LOOK_AROUND": "no"}


def examined(tmp_path, url, *options, **env):
    """As on a machine that is no container and has no /proc."""
    return examine(Machine(str(tmp_path), {**ALONE, **env}), arguments([f"--url={url}", *options]))


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize(
    ("talk", "code"),
    [
        (hang_up, "FORWARDER_UPSTREAM_DOWN"),
        (break_off, "CONNECTION_RESET"),
        (greet, "NOT_HTTP"),
        (say_nothing, "HANGS"),
    ],
)
def test_a_server_that_misbehaves_is_recognised_by_how(tmp_path, talk, code):
    with server(talk) as port:
        assert examined(tmp_path, f"http://127.0.0.1:{port}")["code"] == code


@pytest.mark.slow
def test_a_server_whose_answer_drips_hangs_and_is_no_firewall(tmp_path, monkeypatch):
    monkeypatch.setattr(doors, "KNOCK", 0.5)

    with server(drip) as port:
        report = examined(tmp_path, f"http://127.0.0.1:{port}")

    assert (report["code"], report["addresses"][0]["outcome"]) == ("HANGS", "HANGS")


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    with suppress(OSError):
        for _ in range(20):
            connection.sendall(b" ")
            sleep(0.1)


def test_a_closed_port_is_told_with_the_command_that_starts_the_server(tmp_path):
    report = examined(tmp_path, f"http://127.0.0.1:{closed_port()}", "--server=ollama")

    assert (report["code"], found(report, "connection")["fix"]) == ("NOT_RUNNING", "Start Ollama: `ollama serve`")


def test_https_to_a_server_without_tls_is_told_with_the_right_address(tmp_path):
    with server(refuse_plainly) as port:
        report = examined(tmp_path, f"https://127.0.0.1:{port}")

    assert found(report, "tls")["fix"] == f"Use http://127.0.0.1:{port} as the server address."


def test_http_to_a_server_with_tls_is_told_with_the_right_address(tmp_path, over_tls):
    with server(over_tls) as port:
        report = examined(tmp_path, f"http://127.0.0.1:{port}")

    assert found(report, "tls")["fix"] == f"Use https://127.0.0.1:{port} as the server address."


def test_a_certificate_that_nobody_vouches_for_is_untrusted(tmp_path, over_tls):
    with server(over_tls) as port:
        assert examined(tmp_path, f"https://127.0.0.1:{port}")["code"] == "TLS_UNTRUSTED"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response.of_text("<h1>It works!</h1>", content_type="text/html"), "WRONG_SERVICE"),
        (Response.of_text("<h1>502 Bad Gateway</h1>", 502), "GATEWAY_UPSTREAM_DOWN"),
        (loading(), "LOADING"),
        (wrong_key(), "AUTH"),
    ],
)
def test_an_http_answer_is_recognised(tmp_path, answer, code):
    with ScriptedServer(answer) as web:
        assert examined(tmp_path, web.url)["code"] == code


def test_ollama_is_told_with_its_models_and_a_token_of_the_one_that_is_loaded(tmp_path):
    with ReplayServer("ollama", {"/api/ps": "ps_loaded", "/api/chat": "chat_think_false_blocking"}) as ollama:
        report = examined(tmp_path, ollama.url)

    (asked,) = ollama.asked("/api/chat")
    assert (report["ok"], report["server"]) == (True, "Ollama 0.33.0-test")
    assert (asked["think"], asked["options"]["num_predict"]) == (False, 1)
    assert asked["options"]["num_ctx"] == 4096, "another window would make Ollama load the model anew"
    assert found(report, "token")["status"] == "pass"


def test_an_embedding_model_is_not_asked_for_a_token(tmp_path):
    with ReplayServer("ollama", {"/api/chat": "error_chat_on_embedding_model"}) as ollama:
        report = examined(tmp_path, ollama.url, "--model=tinyembed", OLLAMA_DEFAULT_MODEL="ignored")
        refused = llamacpp_error(
            500, "server_error", "the current context does not support logits computation. skipping"
        )
        pages = {"/v1/models": Response.of_json({"data": [{"id": "bge", "owned_by": "llamacpp"}]})}
        with ScriptedServer(by_path({**pages, "/v1/chat/completions": refused})) as llamacpp:
            other = examined(tmp_path, llamacpp.url)

    assert [found(one, "token")["status"] for one in (report, other)] == ["skip", "skip"]
    assert report["ok"]
    assert other["ok"]


def test_what_the_server_says_against_a_token_is_told(tmp_path):
    pages = {
        "/api/version": Response.of_json({"version": "0.33.0"}),
        "/api/tags": Response.of_json({"models": [{"name": "big:70b"}]}),
        "/api/chat": Response.of_json({"error": "model requires more system memory (40 GiB)"}, 500),
    }
    with ScriptedServer(by_path(pages)) as ollama:
        report = examined(tmp_path, ollama.url)

    assert (report["code"], "requires more system memory" in found(report, "token")["detail"]) == ("MODEL_FAILED", True)


@pytest.mark.parametrize(
    "odd", [5, "x", [5], ["x"], {"a": 1}, [{"id": "m", "status": "x", "capabilities": 5}]], ids=repr
)
def test_an_answer_of_a_shape_that_no_server_gives_is_borne(tmp_path, odd):
    pages = {"/v1/models": Response.of_json({"data": odd}), "/v1/chat/completions": Response.of_json({"choices": odd})}
    with ScriptedServer(by_path(pages)) as server:
        report = examined(tmp_path, server.url)

    assert report["code"] in ("WRONG_SERVICE", "NO_MODELS", "READY")


@pytest.mark.parametrize(
    ("server", "fix"),
    [
        ({"Server": "llama.cpp"}, "Choose one that is there."),
        ({}, "Choose one that is there, or get it: `ollama pull llama3`"),
    ],
    ids=["llama.cpp", "Ollama"],
)
def test_the_remedy_is_for_the_program_that_answers(tmp_path, server, fix):
    version = Response.of_json({"version": "0.33.0"}).but(headers=server)
    lists = {"/api/tags": {"models": [{"name": "m"}]}, "/v1/models": {"data": [{"id": "m"}]}}
    pages = {"/api/version": version, **{path: Response.of_json(each) for path, each in lists.items()}}
    with ScriptedServer(by_path(pages)) as scripted:
        report = examined(tmp_path, scripted.url, "--model=llama3")

    assert found(report, "models")["fix"] == fix


@pytest.mark.parametrize(("listed", "code"), [([], "NO_MODELS"), ([{"name": "qwen3:4b"}], "MODEL_MISSING")])
def test_a_model_that_is_not_there_is_told_before_one_is_asked(tmp_path, listed, code):
    pages = {
        "/api/version": Response.of_json({"version": "0.33.0"}),
        "/api/tags": Response.of_json({"models": listed}),
    }
    with ScriptedServer(by_path(pages)) as ollama:
        report = examined(tmp_path, ollama.url, "--model=llama3")

    assert report["code"] == code
    assert not ollama.asked("/api/chat")


def test_the_key_goes_to_the_address_that_was_named_and_is_never_shown(tmp_path):
    with ReplayServer("llamacpp") as named, ReplayServer("llamacpp") as dify:
        result = run(f"--url={named.url}", "--markdown", f"--dify={dify.url}", LOCAL_MODELS_API_KEY="very-secret")

    assert {request.headers.get("authorization") for request in named.requests} == {"Bearer very-secret"}
    assert {request.headers.get("authorization") for request in dify.requests} == {None}
    assert "very-secret" not in result.stdout + result.stderr


def test_only_the_named_address_is_touched_where_no_other_may_be(tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr(socket, "create_connection", lambda address, *_: called.append(address) or refuse())

    examined(tmp_path, "http://127.0.0.1:1234")

    assert set(called) == {("127.0.0.1", 1234)}


def refuse():
    raise ConnectionRefusedError(111, "refused")


def test_the_real_llama_cpp_is_ready(tmp_path, demo_server):
    report = examined(tmp_path, demo_server.url)

    assert (report["code"], report["server"]) == ("READY", "llama.cpp")
    assert found(report, "models")["detail"] == "demo"


def pythons():
    """Those that the doctor has to run on, as far as they are on this machine."""
    old = [shutil.which("python3.9"), *Path.home().glob(".pyenv/versions/3.9*/bin/python")]
    return [sys.executable, *[str(each) for each in old if each and works(each)][:1]]


def works(python):
    """Some are only a sign on the door."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("piped", [False, True])
def test_it_runs_as_a_file_and_piped_into_python(demo_server, python, piped):
    result = run(f"--url={demo_server.url}", python=python, piped=piped)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == f"✅ llama.cpp is ready at {demo_server.url}"


@pytest.mark.slow
def test_it_waits_until_the_server_is_there():
    ready = Response.of_json({"version": "0.33.0"})
    pages = {
        "/api/version": [loading(), loading(), ready],
        "/api/tags": Response.of_json({"models": [{"name": "m"}]}),
        "/api/chat": Response.of_json({"message": {"content": "Yes"}, "done": True}),
    }
    with ScriptedServer(by_path(pages)) as ollama:
        began = monotonic()
        result = run(f"--url={ollama.url}", "--wait=20")

    assert (result.returncode, 1.5 < monotonic() - began < 8) == (0, True)


@pytest.mark.slow
def test_it_does_not_wait_longer_than_it_should():
    began = monotonic()

    result = run(f"--url=http://127.0.0.1:{closed_port()}", "--wait=1.5", "--json")

    assert (result.returncode, '"exit_code": 4' in result.stdout) == (4, True)
    assert 1.4 < monotonic() - began < 4
