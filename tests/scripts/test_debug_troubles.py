"""What ends a debugging session, and what it survives."""

import json
import signal
import time

import pytest

from tests.scripts.debug_runs import PLUGIN, checkout, debugging
from tests.scripts.kit_runs import ROOT
from tests.servers.debugging_port import KEY, DebuggingPort
from tests.servers.dify import EMAIL, PASSWORD
from tests.servers.dify_debugging import DebuggingDify

pytestmark = pytest.mark.slow


@pytest.fixture
def port():
    with DebuggingPort() as port:
        yield port


def env_of(port):
    lines = f"INSTALL_METHOD=remote\nREMOTE_INSTALL_HOST=127.0.0.1\nREMOTE_INSTALL_PORT={port.port}\n"
    return f"{lines}REMOTE_INSTALL_KEY={KEY}\n"


@pytest.fixture
def folder(port, tmp_path):
    return checkout(tmp_path, env_of(port))


def test_with_a_sign_in_one_command_is_enough(port, tmp_path):
    with DebuggingDify(port.port) as dify:
        sign_in = {"DIFY_EMAIL": EMAIL, "DIFY_PASSWORD": PASSWORD}
        with debugging(checkout(tmp_path), "--dify", dify.url, **sign_in) as run:
            port.plugin()
            run.wait_for("connected to localhost")

            assert (
                f"INSTALL_METHOD, REMOTE_INSTALL_HOST, REMOTE_INSTALL_PORT, REMOTE_INSTALL_KEY from {dify.url}"
                in run.text
            )
            assert not any(secret in run.text for secret in (KEY[:8], PASSWORD))


def test_a_plugin_that_dify_does_not_like_is_not_offered_again(port, folder):
    port.says = "register failed, invalid manifest detected: no author"
    with debugging(folder) as run:
        assert run.process.wait(20) == 1
        assert "Dify refuses the plugin: register failed, invalid manifest detected: no author" in run.text
        assert "connected" not in run.text


def test_a_dify_that_is_busy_is_asked_again(port, folder):
    port.says = "server is busy now, please try again later"
    with debugging(folder) as run:
        run.wait_for("trying again in")
        port.says = ""
        port.plugin()
        run.wait_for("connected to")


def test_of_a_request_neither_credentials_nor_prompt_are_shown_and_errors_are(port, folder):
    with debugging(folder) as run:
        plugin = port.plugin()
        form = {"base_url": "http://127.0.0.1:9", "api_key": "key-of-a-server"}
        with pytest.raises(Exception, match=r"127\.0\.0\.1"):
            list(plugin.invoke_llm("m", form, [{"role": "user", "content": "a prompt"}]))
        plugin.send('{"event": "request", "credentials": "key-of-a-server"')
        run.wait_for("a line from Dify that the SDK cannot read")

        assert "Traceback" in run.text
        assert not any(secret in run.text for secret in ("key-of-a-server", "a prompt", KEY[:8]))


def test_a_plugin_that_cannot_start_says_why_and_ends_it(port, folder):
    (folder / "main.py").unlink()
    (folder / "main.py").write_text(f"import sys\nsys.exit('broken, key {KEY}')\n")

    with debugging(folder) as run:
        assert run.process.wait(20) == 1
        assert "broken, key ‹key›" in run.text
        assert "the plugin ended with exit code 1 before it was connected" in run.text


def test_a_change_of_its_sources_starts_it_again_also_when_it_was_broken(port, tmp_path):
    folder = checkout(tmp_path, env_of(port))
    main, good = folder / "main.py", (ROOT / "main.py").read_text()
    main.unlink()
    main.write_text(good)

    with debugging(folder, "--reload") as run:
        port.plugin()
        run.wait_for("connected to")
        main.write_text("no python")
        run.wait_for("main.py has changed")
        run.wait_for("waiting for a change in its sources")
        main.write_text(f"{good}\n")
        port.plugin()
        run.wait_for("connected again to")


def test_a_second_instance_for_the_same_key_is_refused(port, folder, tmp_path_factory):
    with debugging(folder) as first:
        port.plugin()
        with debugging(checkout(tmp_path_factory.mktemp("second"), env_of(port))) as second:
            assert second.process.wait(20) == 1
            assert "another instance runs here" in second.text
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(5)
    with debugging(folder) as third:  # the lock goes with the process
        third.wait_for("connected to")


def test_as_json_it_says_one_object_at_its_end(port, folder):
    with debugging(folder, "--json") as run:
        port.plugin()
        time.sleep(2.5)
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(5) == 0
        told = json.loads(run.text)

    assert (told["schema_version"], told["ok"], told["connections"]) == (1, True, 1)
    assert told["address"] == {"host": "127.0.0.1", "port": port.port}
    assert KEY[:8] not in run.text


def test_its_folder_stays_as_it_was(port, folder):
    before = env_of(port)
    with debugging(folder) as run:
        port.plugin()
        run.wait_for("connected to")

    assert (folder / ".env").read_text() == before
    assert {path.name for path in folder.iterdir()} <= {*PLUGIN, ".env", "output.txt", "__pycache__"}
