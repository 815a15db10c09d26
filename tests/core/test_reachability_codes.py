"""The table of codes: complete, well-formed, and the same in the documentation."""

import re
from pathlib import Path

import pytest

from provider.core.reachability.causes import PLAIN
from provider.core.reachability.codes import BY_CODE, REASONS, words
from provider.core.reachability.identity import NAMES

DOCUMENT = Path(__file__).parents[2] / "docs" / "diagnosis-codes.md"
CAUSES = Path(__file__).parents[2] / "provider" / "core" / "reachability" / "causes.py"
BLANKS = {
    "url": "ADDRESS",
    "host": "HOST",
    "ip": "IP",
    "port": "PORT",
    "server": "KIND",
    "source": "NETWORK",
    "family": "FAMILY",
    "detail": "DETAIL",
}

LEFT_BLANK = r"\{\{|\{(" + "|".join(BLANKS) + r")\}"


def row(reason):
    """The line that documents a reason; a bar inside would end the cell."""
    cause, remedy = words(reason.code, "", BLANKS)
    others = [f"{NAMES[kind]}: {words(reason.code, kind, BLANKS)[1]}" for kind in reason.by_kind]
    cells = [f"`{reason.code}`", cause, "<br>".join([remedy, *others])]
    return f"| {' | '.join(cell.replace('|', '\\|') for cell in cells)} |"


def test_the_documentation_has_each_code_with_its_cause_and_remedy():
    documented = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert documented == [row(reason) for reason in REASONS]


def test_each_code_is_there_once():
    assert len(BY_CODE) == len(REASONS)


def test_every_code_that_can_be_concluded_has_words():
    concluded = set(re.findall(r'"([A-Z][A-Z0-9_]{3,})"', CAUSES.read_text(encoding="utf-8")))

    assert concluded == set(BY_CODE)
    assert set(PLAIN.values()) <= set(BY_CODE)


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_all_words_can_be_filled_in_and_nothing_is_left_blank(reason):
    texts = [text for kind in ("auto", *NAMES) for text in words(reason.code, kind, BLANKS)]

    assert all(text and not re.search(LEFT_BLANK, text) for text in texts)


@pytest.mark.parametrize(
    ("port", "kind", "command"),
    [
        ("11434", "auto", "OLLAMA_HOST=0.0.0.0:11434"),
        ("8080", "auto", "llama-server --host 0.0.0.0 --port 8080"),
        ("1234", "auto", "“Serve on Local Network”"),
        ("8000", "auto", "vllm serve … --host 0.0.0.0 --port 8000"),
        ("5000", "auto", "listens on 0.0.0.0, port 5000"),
        ("5000", "ollama", "OLLAMA_HOST=0.0.0.0:5000"),
    ],
)
def test_the_port_stands_for_the_kind_when_that_is_not_known(port, kind, command):
    assert command in words("REFUSED", kind, {**BLANKS, "port": port})[1]
