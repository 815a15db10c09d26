"""`python -m scripts load`: one command, one JSON object, Locust's exit code."""

import json
import os
import socket
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from local_dify.launcher import PYTHON
from scripts.load.command import load
from tests.load_run.running import truth

pytestmark = pytest.mark.slow

app = typer.Typer()
app.command("load", context_settings={"ignore_unknown_options": True})(load)


def ran(tmp_path, *arguments, **environment):
    words = [*arguments, "--json", "--results", str(tmp_path)]
    result = CliRunner().invoke(app, words, env={"KEY": None, "USERS": None, "DURATION": None} | environment)
    return result.exit_code, json.loads(result.stdout)


def test_a_dify_app_is_asked_with_the_key_of_the_environment(tmp_path):
    with truth(events=4, every=10, delay=20) as url:
        code, told = ran(tmp_path, "--host", url, KEY="app-secret", USERS="3", DURATION="1s")

    report = json.loads(Path(told["report"]).read_text(encoding="utf-8"))
    assert (code, told["exit_code"], told["ok"], told["schema_version"]) == (0, 0, True, 1)
    assert told["verdict"] == report["verdict"]
    assert (report["conditions"]["kind"], report["conditions"]["load"]["users"]) == ("dify", 3)
    assert "secret" not in json.dumps(report) + json.dumps(told)
    assert {path.name for path in tmp_path.glob("*/*")} >= {"report.json", "report.html", "report.md", "report.csv"}


def test_a_server_that_fails_makes_the_command_fail(tmp_path):
    with truth(fault="failed", events=2, every=5, delay=5) as url:
        code, told = ran(tmp_path, "--host", url, KEY="app-secret", DURATION="1s")

    assert (code, told["exit_code"], told["ok"]) == (1, 1, False)
    assert "app_error" in told["verdict"]["sentence"]


@pytest.mark.parametrize(
    ("option", "code", "words"),
    [
        (("--sweep", "many"), 2, "argument --sweep: 'many' are no steps"),
        (("--rate", "3", "--sweep", "1,2"), 2, "--rate and --sweep are different loads; take one"),
        ((), 1, "http://127.0.0.1:9 is not reachable"),
    ],
)
def test_a_run_that_cannot_begin_says_why_though_locust_is_silent(tmp_path, option, code, words):
    found, told = ran(tmp_path, "--host", "http://127.0.0.1:9", *option)

    assert (found, told["report"]) == (code, None)
    assert words in told["error"]


@pytest.mark.parametrize("number", [{"USERS": "0"}, {"RATE": "-1"}])
def test_a_number_that_cannot_be_meant_is_a_usage_error(number):
    assert CliRunner().invoke(app, ["--host", "http://127.0.0.1:9"], env=number).exit_code == 2


@pytest.mark.skipif(not PYTHON.exists(), reason="Dify's engine is not there: make .venv-graphon/ready")
def test_processes_have_a_port_of_their_own_though_another_run_has_the_usual_one(tmp_path):
    with socket.create_server(("127.0.0.1", 5557)), truth(events=4, every=10, delay=20) as url:
        more = ("--processes", "2", "--kind", "openai", "--model", "truth")
        code, told = ran(tmp_path, "--host", url, *more, USERS="2", DURATION="2s")

    assert (code, told["ok"]) == (0, True), told


def test_without_a_host_everything_is_started_here_and_dify_s_own_cost_is_told(tmp_path):
    code, told = ran(tmp_path, "--users", "2", "--duration", "4s")

    report = json.loads(Path(told["report"]).read_text(encoding="utf-8"))
    # 4 only where the machine was too busy for its own load generator, which then says so.
    assert code in {0, 4}, report["verdict"]
    assert list(report["rows"]) == ["dify chat simple_qa_chatflow", "dify workflow simple_qa_workflow"]
    assert report["totals"]["failed"] == 0 < report["totals"]["ok"]
    assert report["conditions"]["stand_in"] is True
    assert report["comparison"]["model"]["ok"] > 0
    assert not [name for name in os.environ if name.startswith("LOAD_KEY")], "keys are for the child alone"
