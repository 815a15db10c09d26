"""The pages about environments: complete, honest about what was run, and with commands that exist."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer
from typer.exceptions import TyperException

from provider.core.reachability import diagnose
from provider.core.reachability.network import Names
from scripts.__main__ import app
from scripts.doctoring.main import arguments
from tests.core.fake_network import HOST_NAME, FakeNetwork
from tests.docs.marks import DOCS, KNOWN, ROOT, Row, faults, marked_rows, tables, without_code

FOLDER = DOCS / "environments"
INDEX = FOLDER / "README.md"
SYMPTOMS = DOCS / "symptoms.md"
PAGES = sorted(set(FOLDER.glob("*.md")) - {INDEX})
ALL = [INDEX, *PAGES, SYMPTOMS]
ROWS = [row for page in [*PAGES, SYMPTOMS] for row in marked_rows(page)]
MARKS = ("tested", "recorded", "documented")
SHAPE = ["Commands", "What happens", "What goes wrong here", "What the doctor says"]
LONGEST = 80  # lines; a page is read while something does not work
VARIABLES = {
    *("HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "CODESPACES", "OLLAMA_NUM_PARALLEL", "OLLAMA_MAX_QUEUE", "PIP_MIRROR_URL"),
    *("DOCKERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK", "PLUGIN_MAX_EXECUTION_TIMEOUT"),
}
named = pytest.mark.parametrize("page", ALL, ids=lambda page: page.stem)


def code_of(page: Path) -> list[str]:
    """The lines of its blocks, and what stands in the text as code."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", without_code(text))
    return [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()] + inline


def words_of(line: str) -> list[str]:
    """Without what the shell takes for itself."""
    return shlex.split(re.split(r"[<>|&;]", line)[0])


def parse(words: list[str]) -> None:
    """What Typer says to a command, without running it."""
    command = typer.main.get_command(app)
    while names := getattr(command, "commands", None):
        assert words, "a command is missing"
        name = words.pop(0)
        assert name in names, f"there is no command {name}"
        command = names[name]
    command.make_context(command.name, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_the_shape_of_all_and_is_short(page):
    text = page.read_text(encoding="utf-8")

    headings = [heading for heading in re.findall(r"^## (.+)$", text, re.MULTILINE) if heading != "Measured"]
    assert headings == SHAPE
    assert "**Address:**" in text
    assert "plugin" in text.partition("## Commands")[0], "it says where Dify calls from"
    assert len(text.splitlines()) <= LONGEST


def test_the_index_leads_to_every_page_and_to_no_other():
    linked = re.findall(r"^\|.*\]\(([\w-]+\.md)\) \|$", INDEX.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(linked) == [page.name for page in PAGES]


def test_the_index_says_what_each_mark_means():
    (table,) = [table for table in tables(INDEX) if table[0] == ("Mark", "Means")]

    assert [cells[0] for cells in table[2:]] == [f"**{mark}**" for mark in MARKS]


def test_every_table_of_a_page_is_marked_but_those_of_measurements():
    """Else a row could be without a mark because its table is."""
    bare = [table[0] for page in [*PAGES, SYMPTOMS] for table in tables(page) if table[0][-1] != "Mark"]

    assert [headings[0] for headings in bare] == ["Server on"]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_has_one_mark_and_what_it_claims_is_there(row):
    assert faults(row) == []


@pytest.mark.parametrize(
    ("mark", "fault"),
    [
        ("", "one mark is wanted, there is none"),
        ("**tested**, **recorded**", "one mark is wanted, there is ['tested', 'recorded']"),
        ("**seen**: yesterday", "one mark is wanted, there is ['seen']"),
        ("**tested**: by hand", "no test is named"),
        ("**tested**: lab “on the moon”", "there is no test on the moon"),
        ("**tested**: `tests/docs/test_nothing.py`", "there is no test tests/docs/test_nothing.py"),
        ("**tested**: `tests/conftest.py`", "there is no test tests/conftest.py"),
        ("**recorded**: last year", "no record is named"),
        ("**recorded**: `tests/recordings/ollama/nothing.body`", "there is no record in nothing.body"),
        ("**recorded**: [measured](#measured)", "there is no record in "),
        ("**documented**: Docker", "no public page is named"),
    ],
)
def test_a_mark_that_claims_too_much_is_found(mark, fault):
    row = Row(FOLDER / "podman.md", ("Situation", "Mark"), ("it rains", mark))

    assert faults(row) == [fault]


@named
def test_only_codes_that_exist_are_named(page):
    shouted = {word for word in code_of(page) if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", word) and len(word) > 3}

    assert shouted - KNOWN - VARIABLES - {"NAME", "SUBNET", "GATEWAY", "ADDRESS"} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_says_what_the_doctor_says(page):
    last = page.read_text(encoding="utf-8").partition("## What the doctor says")[2]

    assert set(re.findall(r"`([A-Z_]+)`", last)) & KNOWN


def lines(start: str) -> list[str]:
    """Each once, whatever page it is on."""
    return sorted({line for page in ALL for line in code_of(page) if re.match(start, line)})


@pytest.mark.parametrize("line", lines(r"python -m scripts |host [a-z]+( |$)"))
def test_a_command_of_the_kit_and_its_options_exist(line):
    parse(words_of(line.removeprefix("python -m scripts ")))


@pytest.mark.parametrize("line", lines(r".*python3 - .*doctor\.py"))
def test_the_doctor_takes_these_options(line):
    words = words_of(line.partition("python3 - ")[2])

    assert arguments(words).url == (words[1] if words else "")


@pytest.mark.parametrize("line", lines("devcontainer/network/"))
def test_a_script_of_the_network_is_there_and_knows_its_options(line):
    script, *options = words_of(line)

    shown = subprocess.run([ROOT / script, "--help"], capture_output=True, text=True, timeout=20, check=False).stdout
    assert [word for word in options if not word.isdecimal() and word not in shown] == []
    assert shown


@pytest.mark.parametrize(
    "command", ["host nothing", "host forwarder --nothing", "doctor --wait soon", "ready --url", "nothing"]
)
def test_a_command_that_does_not_exist_is_found(command):
    with pytest.raises((TyperException, AssertionError)):
        parse(command.split())


@pytest.mark.parametrize("ip", ["192.168.5.2", "192.168.65.254"])
def test_where_the_host_s_loopback_is_forwarded_a_refusal_is_not_about_loopback(ip):
    network = FakeNetwork(names={HOST_NAME: Names((ip,))})

    assert diagnose(f"http://{HOST_NAME}:11434", network=network).code == "NOT_RUNNING"
