import json
from contextlib import contextmanager
from http.client import RemoteDisconnected
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from scripts.bench import command
from scripts.bench.errors import NotMeasured
from scripts.bench.figures import Pairs
from scripts.bench.rows import What, row
from scripts.plugin_host import NoReply, NotStarted

app = typer.Typer()
app.command("bench")(command.bench)


def one_row(name, ratio):
    return lambda _lab: iter([row(What(name, f"Title of {name}", "µs", "ratio", 1.5), Pairs([ratio], [1.0]))])


@pytest.fixture(autouse=True)
def no_laboratory(monkeypatch):
    @contextmanager
    def nothing_runs(_plan):
        yield SimpleNamespace()

    monkeypatch.setattr(command, "laboratory", nothing_runs)
    monkeypatch.setattr(command, "MEASURES", {"slow": one_row("slow", 2.0), "quick": one_row("quick", 1.1)})


@pytest.fixture
def bench(tmp_path):
    def run(*arguments):
        return CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "deep" / "results.json")])

    return run


def test_a_missed_target_is_shown_but_no_failure(bench):
    result = bench()

    assert result.exit_code == 0
    slow, quick = [line.split() for line in result.stdout.splitlines() if line.startswith("Title")]
    assert slow[3:] == ["2", "µs", "1", "µs", "2.00", "x", "1.50", "x", "no"]
    assert quick[-1] == "yes"


def test_with_check_a_missed_target_is_a_failure(bench):
    assert bench("--check").exit_code == 1
    assert bench("--check", "--only", "quick").exit_code == 0


def test_the_results_are_saved_and_printed_as_the_same_json(bench, tmp_path):
    printed = json.loads(bench("--json", "--quick").stdout)

    assert printed == json.loads((tmp_path / "deep" / "results.json").read_text())
    assert (printed["schema_version"], printed["ok"], printed["quick"]) == (1, True, True)
    assert [found["name"] for found in printed["rows"]] == ["slow", "quick"]
    assert printed["targets_missed"] == ["slow"]
    assert {"commit", "changed", "date", "seconds"} <= printed.keys()
    assert {"cores", "python", "kernel", "busy_before", "busy_after"} <= printed["machine"].keys()


def test_only_what_was_asked_for_is_measured(bench):
    result = bench("--only", "quick")

    assert "Title of quick" in result.stdout
    assert "Title of slow" not in result.stdout


def test_an_unknown_name_is_answered_with_those_that_exist(bench):
    result = bench("--only", "quick,typo")

    assert result.exit_code == 2
    assert "typo" in result.stderr


def test_what_could_not_be_measured_is_told_with_its_own_exit_code(bench, monkeypatch, tmp_path):
    def fails(_lab):
        raise NotMeasured("an answer had 3 of 11 chunks")

    monkeypatch.setitem(command.MEASURES, "quick", fails)
    result = bench("--json")

    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert (told["schema_version"], told["ok"], told["error"]) == (1, False, "an answer had 3 of 11 chunks")
    assert "3 of 11" in result.stderr
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize(
    "error", [NoReply("no reply"), ConnectionRefusedError("no reply"), RemoteDisconnected("no reply")]
)
def test_a_plugin_or_a_server_that_fails_is_no_result(bench, monkeypatch, error):
    def fails(_lab):
        raise error

    monkeypatch.setitem(command.MEASURES, "quick", fails)
    result = bench()

    assert (result.exit_code, result.stderr) == (3, "✗ no reply\n")


def test_a_plugin_that_does_not_start_is_told_without_its_traceback(bench, monkeypatch):
    def fails(_lab):
        raise NotStarted("the plugin ended with exit code 1\nTraceback …\n  File …\nImportError: no module\n")

    monkeypatch.setitem(command.MEASURES, "quick", fails)

    assert bench().stderr == "✗ the plugin ended with exit code 1: ImportError: no module\n"


def test_results_that_cannot_be_saved_are_told(tmp_path):
    (tmp_path / "file").touch()

    result = CliRunner().invoke(app, ["--out", str(tmp_path / "file" / "results.json")])

    assert result.exit_code == 3
    assert "cannot be saved" in result.stderr


def test_an_interruption_has_its_own_exit_code(bench, monkeypatch):
    def interrupted(_lab):
        raise KeyboardInterrupt

    monkeypatch.setitem(command.MEASURES, "slow", interrupted)

    assert bench().exit_code == 130
