"""What holds for all commands: characters that do not fit, what nobody thought of, Ctrl-C at any moment."""

import json
import signal
import subprocess

import pytest
from typer import BadParameter, Exit

from scripts.kit.command import speaking
from tests.pictures.terminal import screen_of
from tests.scripts.kit_runs import command, run
from tests.scripts.recorded_ollama import ollama
from tests.servers import Response

ODD = "模型 \N{ROBOT FACE}:7b"
LONE = json.dumps({"models": [{"name": "half \ud800:1", "model": "half \ud800:1"}]}).encode()


def named(name):
    return Response.of_json({"models": [{"name": name, "model": name}]})


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_what_cannot_be_shown_is_shown_by_something_near(encoding):
    with ollama({"/api/tags": named(ODD), "/api/show": Response.of_json({})}) as server:
        shown = run("models", server.url, PYTHONIOENCODING=encoding)
    silent = run("models", "127.0.0.1:9", PYTHONIOENCODING=encoding)

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "?? ?:7b" in shown.stdout
    assert silent.stderr.startswith("x 127.0.0.1:9: ")
    assert "\n  > " in silent.stderr


def test_help_has_a_sign_for_what_ascii_has_not():
    told = run("sync", "--help", PYTHONIOENCODING="ascii")

    assert (told.returncode, told.stderr) == (0, "")
    assert "host.docker.internal, ..." in told.stdout


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_json_is_whole_whatever_the_characters_are(encoding):
    with ollama({"/api/tags": named(ODD), "/api/show": Response.of_json({})}) as server:
        told = run("models", server.url, "--json", PYTHONIOENCODING=encoding)

    assert [model["name"] for model in json.loads(told.stdout)["models"]] == [ODD]


def test_half_a_character_in_a_name_is_no_traceback():
    half = Response(200, [LONE], {"Content-Type": "application/json"})
    with ollama({"/api/tags": half, "/api/show": Response.of_json({})}) as server:
        table, told = run("models", server.url), run("models", server.url, "--json")

    assert (table.returncode, table.stderr) == (0, "")
    assert "half \N{REPLACEMENT CHARACTER}:1" in table.stdout
    assert [model["name"] for model in json.loads(told.stdout)["models"]] == ["half ?:1"]


def test_what_nobody_thought_of_is_one_line_and_could_not_run(capsys):
    with pytest.raises(Exit) as ended, speaking(as_json=True):
        raise ExceptionGroup("of tasks", [KeyError("name")])
    printed = capsys.readouterr()

    assert ended.value.exit_code == 3
    assert json.loads(printed.out)["error"].startswith("the command itself failed: KeyError: 'name'")
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("known", [Exit(4), BadParameter("no"), BrokenPipeError()])
def test_what_the_command_line_itself_understands_is_left_to_it(known):
    with pytest.raises(type(known)) as raised, speaking():
        raise known

    assert raised.value is known


def test_ctrl_c_while_the_commands_are_still_being_imported_has_no_traceback():
    """`-X importtime` writes a line for each module, so that the moment is certain."""
    started = command("models", "127.0.0.1:9")
    python, *arguments = started["args"]
    started["args"] = [python, "-X", "importtime", *arguments]
    with subprocess.Popen(**started, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        imported = next(line for line in process.stderr if "scripts." in line)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert imported
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in rest


def test_a_name_from_a_server_cannot_colour_the_terminal_or_break_the_table():
    with ollama({"/api/tags": named("red \x1b[31m:1\nnext"), "/api/show": Response.of_json({})}) as server:
        shown = run("models", server.url)

    assert "red \N{REPLACEMENT CHARACTER}[31m:1 next" in shown.stdout
    assert len(shown.stdout.splitlines()) == 2


def test_a_narrow_terminal_cuts_no_name():
    with ollama(
        {"/api/tags": named("hf.co/somebody/a-very-long-name:Q4_K_M"), "/api/show": Response.of_json({})}
    ) as it:
        shown = screen_of("models", it.url, COLUMNS="50")

    column = [line.strip().partition("  ")[0] for line in shown]
    assert "hf.co/somebody/a-very-long-name:Q4_K_M" in "".join(column).replace(" ", "")
