"""What holds for every command of the kit, whatever it does."""

import json
import re
from itertools import chain

import pytest
import typer

from scripts.__main__ import app
from tests.pictures.terminal import lines_of, screen_of
from tests.scripts.kit_runs import run, run_here
from tests.scripts.pull_streams import layer, ollama, whole


def commands(command, *names):
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(names, command)]
    return list(chain.from_iterable(commands(each, *names, name) for name, each in inner.items()))


EVERY = [pytest.param(names, command, id=" ".join(names)) for names, command in commands(typer.main.get_command(app))]
# Arguments with which each ends quickly without a server, by a problem of its own; the others end so without any.
NOWHERE = "http://127.0.0.1:9"
QUICK = {
    ("apps", "down"): ("--dify", NOWHERE),
    ("apps", "list"): ("--dify", NOWHERE),
    ("apps", "up"): ("--dify", NOWHERE),
    ("bench",): ("--only", "nothing"),
    ("bench-model",): (NOWHERE,),
    ("debug",): ("--check", "--host", "127.0.0.1", "--port", "9"),
    ("demo",): ("--server", NOWHERE),
    ("doctor",): ("--url", NOWHERE),
    ("host", "status"): ("--help",),
    ("install",): ("--package", "nothing.difypkg", "--dify", NOWHERE),
    ("models",): (NOWHERE,),
    ("pack",): ("--root", "/nonexistent", "--offline-check"),
    ("pull",): ("nothing",),
    ("ready",): ("--url", NOWHERE),
    ("sync",): (NOWHERE, "--dify", NOWHERE),
}
SETTINGS = {"OLLAMA_BASE_URL": NOWHERE, "DIFY_EMAIL": "me@example.com", "DIFY_PASSWORD": "secret-word"}


@pytest.mark.parametrize(("names", "command"), EVERY)
def test_it_speaks_json_can_be_quiet_and_shows_an_example(names, command):
    options = {option for parameter in command.params for option in parameter.opts}

    assert {"--json", "--quiet"} <= options
    assert re.search(rf"Example: ([A-Z_]+=\S+ )*python -m scripts {names[0]}", command.help)


@pytest.mark.parametrize(("names", "command"), EVERY)
def test_its_help_is_printed_with_exit_code_0(names, command):
    ran = run_here(*names, "--help")

    assert ran.returncode == 0
    assert "Usage: " in ran.stdout
    assert "Example: " in ran.stdout


@pytest.mark.parametrize("names", [names for names in QUICK if QUICK[names] != ("--help",) and names != ("bench",)])
def test_a_failure_is_one_json_object_with_a_schema_version_and_no_traceback(names, tmp_path):
    ran = run(*names, *QUICK[names], "--json", **SETTINGS)
    told = json.loads(ran.stdout)

    assert told["schema_version"] == 1
    assert ran.returncode in (1, 2, 3), ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "secret-word" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(("names", "command"), EVERY)
def test_an_option_that_cannot_be_meant_is_a_usage_error(names, command):
    ran = run_here(*names, "--no-such-option")

    assert ran.returncode == 2
    assert "--no-such-option" in ran.stderr


def test_a_failed_line_is_not_wiped_out_by_the_bars_of_the_others():
    steps = [line for line in layer("a", 10**9, *range(0, 10**9, 10**8)) for line in (line, 0.05)]
    with ollama(qwen3_4b=whole(*steps)) as server:
        screen = screen_of("pull", "qwen3:4b", "nosuch", OLLAMA_BASE_URL=server.url)

    assert sum("nosuch: not found" in line for line in screen) == 1
    assert not any("━" in line for line in screen)


def test_the_screen_of_a_terminal_is_read_as_it_stands_at_the_end():
    assert lines_of("one\r\ntwo\r\x1b[2K\x1b[1A\x1b[2Kthree\r\n") == ["three", ""]
