"""What the documents say of commands, fields, messages and versions is so."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from scripts.__main__ import app
from scripts.check_links import findings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TROUBLES = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
PROVIDER = yaml.safe_load((ROOT / "provider" / "local_models.yaml").read_text(encoding="utf-8"))
FIELDS = {
    field["variable"]: field
    for form in ("provider_credential_schema", "model_credential_schema")
    for field in PROVIDER[form]["credential_form_schemas"]
}
ENTRIES = [entry for field in FIELDS.values() for entry in (field, *field.get("options", ()))]
LABELS = {entry["label"]["en_US"] for entry in ENTRIES}
NOT_OF_THE_FORM = {"Serve on Local Network", "Set by hand", "…"}  # LM Studio's, and our own words
# What Dify, a server or a command of ours says, not the plugin.
SAID_BY_OTHERS = (
    "plugin verification has been enabled, and the plugin you want to install has a bad signature",
    "has a bad signature",
    "init environment for plugin",
    "Not kept",
    "Python 3.12 with venv is missing",
    "Incorrect model credentials provided",
    "Model schema not found",
    "killed by timeout",
    "Invalid API Key",
    "Loading model",
    "server busy, please try again",
    "exceeds the available context size",
    "does not support tools",
    "out of memory",
    "bad gateway",
    "Too many requests",
    "unexpectedly stopped",
    "Model Parameter",
    "<think>",
    "make ",
    "ollama ps",
)
PUT_TOGETHER = ("cannot see images", "servers has the model")  # of two texts


def is_of_a_language_model(field):
    shown_for = [each["value"] for each in field.get("show_on", ()) if each["variable"] == "__model_type"]
    return shown_for in ([], ["llm"])


def texts_of_the_plugin():
    """Every text in its code, with a gap for each value that is filled in."""
    for path in (ROOT / "provider").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"\{\w+\}", "\0", node.value)
            if isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)


TEXTS = list(texts_of_the_plugin())


def messages():
    """The messages in the first columns of tables about troubles."""
    for text in (README.partition("## When something")[2].partition("\n## ")[0], TROUBLES.partition("## Fields by")[0]):
        for line in text.splitlines():
            if line.startswith("| ") and not line.startswith("| You see"):
                yield from re.findall(r"`([^`]+)`", line.split(" | ")[0])


def fixed_parts(message):
    """What stands between the values that are filled in, as far as it is long enough to be told apart."""
    parts = [part.strip(" .,:;") for part in re.split(r"…|[“”]|\d+(?:\.\d+)*|\. ", message)]
    return [part for part in parts if len(part) > 14] or parts


def test_all_links_lead_somewhere():
    assert list(findings(ROOT)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_only_commands_that_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = document.read_text(encoding="utf-8")

    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) - targets == set()


def test_the_table_of_fields_is_the_form():
    rows = [line.strip("|").split("|") for line in TROUBLES.partition("## Fields by")[2].splitlines() if "`" in line]
    told = {re.findall(r"`(\w+)`", names)[0]: label.strip() for names, label in rows}

    assert {name: FIELDS[name]["label"]["en_US"] for name in told} == told
    assert [name for name, field in FIELDS.items() if is_of_a_language_model(field) and name not in told] == []


@pytest.mark.parametrize("name", ["README.md", "docs/troubleshooting.md", "docs/parameters.md"])
def test_a_field_or_choice_is_called_as_in_the_form(name):
    quoted = set(re.findall(r"“([^”]+)”", (ROOT / name).read_text(encoding="utf-8")))
    prose = {each for each in quoted if each[0].isupper() and not each.startswith(("Loading", "Changing"))}

    assert {each for each in prose - NOT_OF_THE_FORM if not any(label.startswith(each) for label in LABELS)} == set()


@pytest.mark.parametrize("message", sorted(set(messages())))
def test_a_message_in_the_documents_is_one_that_exists(message):
    if any(words in message for words in (*SAID_BY_OTHERS, *PUT_TOGETHER)):
        return

    parts = fixed_parts(message)
    assert any(part in text for part in parts for text in TEXTS if part), parts


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("pyproject.toml", r'^version = "(.+)"'),
        ("README.md", r"^Version (\d+\.\d+\.\d+)"),
        ("README.md", r"local_models-(.+?)\.difypkg"),
        ("CHANGELOG.md", r"(\d+\.\d+\.\d+), the first|^## \[(\d+\.\d+\.\d+)\]"),
        ("provider/core/http.py", r"dify-local-models/([\d.]+)"),
        ("scripts/demo/screen.py", r"local_models-(.+?)\.difypkg"),
    ],
)
def test_one_version_is_told_everywhere(name, pattern):
    manifest = yaml.safe_load((ROOT / "manifest.yaml").read_text(encoding="utf-8"))
    found = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)

    assert found
    assert next(filter(None, found.groups())) == manifest["version"]


def test_the_minimum_version_of_dify_is_the_manifest_s():
    manifest = yaml.safe_load((ROOT / "manifest.yaml").read_text(encoding="utf-8"))

    assert f"For Dify {manifest['meta']['minimum_dify_version']} or newer" in README


def test_the_model_types_in_the_readme_are_those_that_are_offered():
    table = README.partition("| Model type | Servers |")[2].partition("\n\n")[0]
    told = [line.split("|")[1].partition(":")[0].strip() for line in table.splitlines()[2:]]

    assert [name.lower().replace(" ", "-") for name in told] == PROVIDER["supported_model_types"]


def test_the_commands_in_the_readme_are_those_there_are():
    table = README.partition("## Commands beside the plugin")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `([a-z-]+)", table, re.MULTILINE))

    assert told == {each.name for each in (*app.registered_commands, *app.registered_groups)}


def test_the_time_outs_told_are_those_of_the_form():
    seconds = {name: FIELDS[name]["default"] for name in ("first_token_timeout", "idle_timeout", "total_timeout")}

    assert f"“Seconds to the first word” ({seconds['first_token_timeout']})" in TROUBLES
    assert f"said nothing for {seconds['idle_timeout']} s" in TROUBLES
    assert f"not finished after {seconds['total_timeout']} s" in README


def test_the_readme_is_short_and_english():
    """The Marketplace wants the README in English; translations have files of their own."""
    assert len(README.splitlines()) < 260
    assert re.findall(r"[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]", README) == []
