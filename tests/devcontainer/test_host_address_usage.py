"""host-address where it must not ask anybody: what cannot be meant. All that asks is in tests/netlab."""

import os
import subprocess
from pathlib import Path

import pytest

HOST_ADDRESS = Path(__file__).parents[2] / "devcontainer" / "network" / "host-address"
ALONE = {"PATH": os.environ["PATH"], "LOCAL_MODELS_LOOK_AROUND": "no"}


def host_address(*options, **env):
    return subprocess.run([HOST_ADDRESS, *options], capture_output=True, text=True, check=False, env={**ALONE, **env})


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (["--nothing"], {}),
        (["--nothing=1"], {}),
        (["ollama"], {}),
        (["--port"], {}),
        (["--port="], {}),
        (["--port=0"], {}),
        (["--port=65536"], {}),
        (["--port=99999999999999999999"], {}),
        (["--port=1x"], {}),
        (["--kind=gpt"], {}),
        (["--timeout=0"], {}),
        (["--timeout=1.5"], {}),
        ([], {}),
        ([], {"LOCAL_MODELS_HOST": "0.0.0.0"}),
        ([], {"LOCAL_MODELS_HOST": "127.0.0.1", "LOCAL_MODELS_PORT": "http"}),
        ([], {"LOCAL_MODELS_HOST": "127.0.0.1", "LOCAL_MODELS_KIND": "gpt"}),
        ([], {"LOCAL_MODELS_HOST": "a host"}),
        ([], {"OLLAMA_BASE_URL": "http://me:secret@127.0.0.1:1"}),
        ([], {"OLLAMA_BASE_URL": "ftp://127.0.0.1"}),
        ([], {"OLLAMA_BASE_URL": "http://127.0.0.1:port"}),
        ([], {"OLLAMA_BASE_URL": "http://127.0.0.1:1/a?key=secret"}),
        ([], {"OLLAMA_BASE_URL": "http://$(touch x)"}),
    ],
)
def test_what_cannot_be_meant_ends_with_2_and_shows_no_secret(options, env):
    result = host_address(*options, **env)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith("host-address: ")
    assert "secret" not in result.stderr


def test_help_has_an_example():
    result = host_address("--help")

    assert (result.returncode, result.stderr) == (0, "")
    assert "Example: host-address --kind ollama" in result.stdout


def test_only_loopback_was_given_and_nothing_listens_there():
    result = host_address("--host=127.0.0.1", "--port=1")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "host-address: no model server answers",
        "host-address: NOT_RUNNING: Start the server here, or leave out --host: 127.0.0.1 is this container itself",
    ]
