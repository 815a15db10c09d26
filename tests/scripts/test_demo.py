"""`make demo`, as a person and as a program runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.embedded.server import EmbeddedServer
from tests.conftest import ONLY_LOOPBACK
from tests.servers import ScriptedServer, by_path

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", "demo", *options],
        cwd=ROOT, env={**os.environ, **ONLY_LOOPBACK}, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def test_it_shows_an_answer_a_tool_call_and_json_from_a_real_server() -> None:
    run = demo("--json")

    assert run.returncode == 0, run.stderr
    facts = json.loads(run.stdout)
    assert facts["schema_version"] == 1
    assert facts["ok"]
    assert facts["server"]["kind"] == "llamacpp"
    assert "I am Tiny" in facts["answer"]["text"]
    assert facts["answer"]["ttft_ms"] > 0
    assert facts["tool_call_value"] == {"name": "get_weather", "arguments": {"city": "Paris"}}
    assert facts["json_value"] == {"sentiment": "positive"}


def test_a_person_reads_what_was_found_and_what_to_do_next() -> None:
    run = demo()

    assert run.returncode == 0, run.stderr
    for words in ("context length", "tokens/s", "Everything works", "make package"):
        assert words in run.stdout


def test_it_runs_on_a_server_that_is_already_there(demo_server: EmbeddedServer) -> None:
    facts = json.loads(demo("--json", "--server", demo_server.url, "--model", "demo").stdout)

    assert facts["server"]["url"] == demo_server.url


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://127.0.0.1:nine"])
def test_a_server_that_is_not_there_is_told_in_words_with_an_exit_code(address: str) -> None:
    run = demo("--quiet", "--server", address)

    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert address.rpartition(":")[0] in run.stderr
    assert run.stdout == ""


def test_something_else_at_the_address_is_told() -> None:
    with ScriptedServer(by_path({})) as shop:
        run = demo("--json", "--server", shop.url)

    assert run.returncode == 1
    assert json.loads(run.stdout)["ok"] is False
    assert "not like a model server" in run.stderr
