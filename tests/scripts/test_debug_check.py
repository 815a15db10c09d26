"""What `debug` looks at before it starts the plugin: the address, the key, and Dify's own word."""

import json
import socket
import threading

import pytest

from scripts.debug.handshake import KeyRefused, NoDaemon, Taken, Unreachable, Unwilling, knock, offer
from scripts.debug.reaching import candidates
from tests.scripts.debug_runs import checkout
from tests.scripts.kit_runs import run_here
from tests.servers import Response, ScriptedServer
from tests.servers.debugging_port import KEY, DebuggingPort
from tests.servers.dify import ADMIN_KEY, WORKSPACE
from tests.servers.dify_debugging import DebuggingDify

pytest_plugins = ["tests.servers.dify_fixtures"]
OLD = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def port():
    with DebuggingPort() as port:
        yield port


@pytest.fixture
def dify(port):
    with DebuggingDify(port.port) as server:
        yield server


def env_of(port, key=KEY):
    lines = f"INSTALL_METHOD=remote\nREMOTE_INSTALL_HOST=127.0.0.1\nREMOTE_INSTALL_PORT={port.port}\n"
    return f"{lines}REMOTE_INSTALL_KEY={key}\n"


def debug(folder, *arguments, **environment):
    ran = run_here("debug", "--root", str(folder), *arguments, "--json", **environment)
    assert not {KEY, OLD} & {*(ran.stdout + ran.stderr).replace('"', " ").split()}
    return ran.returncode, json.loads(ran.stdout)


def codes(told):
    return [finding["code"] for finding in told["findings"]]


def signed_in(dify):
    return {"DIFY_URL": dify.url, "DIFY_ADMIN_API_KEY": ADMIN_KEY, "DIFY_WORKSPACE_ID": WORKSPACE}


def test_a_sound_env_and_a_dify_that_takes_the_key(port, tmp_path):
    code, told = debug(checkout(tmp_path, env_of(port)), "--check")

    assert (code, told["ok"], told["findings"], told["key_from"]) == (0, True, [], ".env")
    assert told["address"] == {"host": "127.0.0.1", "port": port.port}
    assert port.handshakes == [KEY]


def test_a_key_that_dify_refuses_is_said_with_the_ways_to_a_new_one(port, tmp_path):
    code, told = debug(checkout(tmp_path, env_of(port, OLD)))

    assert (code, codes(told)) == (1, ["KEY_REFUSED"])
    assert "--renew" in told["findings"][0]["fix"]


def test_nobody_at_the_address_is_not_a_problem_of_env(port, tmp_path):
    port.go()
    folder = checkout(tmp_path, env_of(port))

    assert [debug(folder, "--check", *more)[0] for more in ((), ("--wait", "0.1"))] == [3, 4]


def test_without_a_key_and_a_sign_in_nothing_is_asked(tmp_path):
    code, told = debug(checkout(tmp_path))

    assert (code, codes(told)) == (1, ["KEY_MISSING"])
    assert not (tmp_path / ".env").exists()


def test_with_a_mistake_in_env_the_key_goes_nowhere(port, tmp_path):
    code, told = debug(checkout(tmp_path, env_of(port).replace("127.0.0.1", "http://127.0.0.1")), "--check")

    assert (code, codes(told), port.handshakes) == (1, ["HOST"], [])


@pytest.mark.parametrize("data", [b"\xff\xfeA\x00", None], ids=["UTF-16", "a folder"])
def test_a_file_that_cannot_be_read_is_a_finding(data, tmp_path):
    folder = checkout(tmp_path, data)
    if data is None:
        (folder / ".env").mkdir()

    code, told = debug(folder, "--check")

    assert (code, codes(told)) == (1, ["NOT_UTF8" if data else "UNREADABLE_FILE"])


def test_flags_and_the_environment_win_over_env(port, tmp_path):
    folder = checkout(
        tmp_path, "REMOTE_INSTALL_URL=127.0.0.1:9\nREMOTE_INSTALL_KEY=<your key>\nINSTALL_METHOD=remote\n"
    )

    code, told = debug(folder, "--check", "--host", "127.0.0.1", "--port", str(port.port), REMOTE_INSTALL_KEY=KEY)

    assert (code, told["findings"], told["key_from"]) == (0, [], "the environment's REMOTE_INSTALL_KEY")


# Dify is asked


@pytest.mark.parametrize("before", [None, "# mine\nMAX_WORKER=5", "REMOTE_INSTALL_KEY=<your key>\n"])
def test_dify_is_asked_for_the_key_and_env_is_written(port, dify, tmp_path, before):
    dify.plugins.is_listed = False
    folder = checkout(tmp_path, before)
    port.key = OLD  # so it ends before the plugin is started

    code, told = debug(folder, **signed_in(dify))

    text = (folder / ".env").read_text()
    assert (code, codes(told), told["key_from"]) == (1, ["KEY_REFUSED"], dify.url)
    assert text.startswith((before or "").partition("REMOTE")[0])
    assert sorted(text.splitlines()[-4:]) == [
        "INSTALL_METHOD=remote",
        "REMOTE_INSTALL_HOST=localhost",
        f"REMOTE_INSTALL_KEY={KEY}",
        f"REMOTE_INSTALL_PORT={port.port}",
    ]
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600


def test_a_key_that_grew_too_old_is_replaced_and_the_rest_of_env_stays(port, dify, tmp_path, ours):
    folder = checkout(tmp_path, f"# mine\n{env_of(port, OLD)}")
    dify.with_plugin(ours)

    code, told = debug(folder, **signed_in(dify))

    assert (code, codes(told)) == (1, ["INSTALLED"])  # so it ends here
    assert port.handshakes == [OLD, KEY]
    assert (folder / ".env").read_text() == f"# mine\n{env_of(port)}"


def test_the_check_asks_dify_for_no_key_and_writes_nothing(port, dify, tmp_path):
    folder = checkout(tmp_path, env_of(port, OLD))

    code, told = debug(folder, "--check", **signed_in(dify))

    assert (code, codes(told), dify.calls) == (1, ["KEY_REFUSED"], [])
    assert (folder / ".env").read_text() == env_of(port, OLD)


def test_a_plugin_that_is_installed_there_is_in_the_way(port, dify, tmp_path, ours):
    folder = checkout(tmp_path, env_of(port))
    dify.with_plugin(ours)

    assert codes(debug(folder, "--check", **signed_in(dify))[1]) == ["INSTALLED"]
    code, told = debug(folder, "--check", "--anyway", **signed_in(dify))
    assert (code, told["findings"][0]["stops"]) == (0, False)


def test_an_account_that_may_not_debug_is_told_who_can_allow_it(dify, tmp_path):
    dify.may_debug = False

    code, told = debug(checkout(tmp_path), **signed_in(dify))

    assert code == 1
    assert "an owner or admin can allow it" in told["fix"]


# Who answers


def test_a_knock_tells_nothing_and_a_handshake_is_answered(port):
    assert knock("127.0.0.1", port.port) == Taken()
    assert port.handshakes == []
    assert offer("127.0.0.1", port.port, KEY) == Taken()
    assert offer("127.0.0.1", port.port, OLD) == KeyRefused()
    port.is_old = True
    assert offer("127.0.0.1", port.port, KEY, silence=0.2) == Taken()
    assert offer("127.0.0.1", port.port, OLD) == KeyRefused()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", NoDaemon),
        (b"HTTP/1.1 400 Bad Request\r\n", NoDaemon),
        (b"\x15\x03\x01\n", NoDaemon),
        (b"failed to get connection info: redis\n", Unwilling),
    ],
)
def test_who_is_no_daemon_is_told_apart(said, expected):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            line, _ = server.accept()
            with line:
                line.recv(100)
                line.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        assert isinstance(offer(*server.getsockname(), KEY), expected)


def test_the_web_port_of_dify_is_no_debugging_port():
    with ScriptedServer(Response.of_text("<html>")) as server:
        assert isinstance(offer("127.0.0.1", server.port, KEY), NoDaemon)


def test_an_address_without_anybody_says_why():
    assert offer("127.0.0.1", 9, KEY) == Unreachable("refused: nothing listens there")
    assert offer("no..such", 9, KEY) == Unreachable("no name server knows the name")


class Inside:
    """A container, as `scripts.doctoring.machine` sees it."""

    def __init__(self, container="Docker container", around=True):
        self.container, self.may_look_around = (lambda: container), (lambda: around)

    def gateway(self):
        return "172.18.0.1"

    def is_own(self, ip):
        return False


GUESSED = ["host.docker.internal", "host.containers.internal", "172.17.0.1", "172.18.0.1"]


@pytest.mark.parametrize(
    ("machine", "host", "dify", "expected"),
    [
        (Inside(), "", "", ["localhost", *GUESSED]),
        (Inside(), "localhost", "http://dify.lan:8080", ["localhost", "dify.lan", *GUESSED]),
        (Inside(""), "localhost", "", ["localhost"]),
        (Inside(""), "host.docker.internal", "", ["host.docker.internal", "localhost"]),
        (Inside(), "debug.dify.ai", "", ["debug.dify.ai"]),
        (Inside(around=False), "localhost", "http://dify.lan", ["localhost"]),
    ],
)
def test_localhost_from_a_container_may_be_somebody_else(machine, host, dify, expected):
    assert candidates(machine, host, dify) == expected
