"""docs/parameters.md is what the plugin really sends."""

import pytest
import yaml

from scripts.parameter_table import PAGE, RULES, page, sent

ENTRIES = {rule["name"]: rule for rule in yaml.safe_load(RULES.read_text(encoding="utf-8"))}


def test_the_page_is_up_to_date():
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "python -m scripts.parameter_table"


def test_writing_the_page_twice_changes_nothing():
    once = page(PAGE.read_text(encoding="utf-8"))

    assert page(once) == once


@pytest.mark.parametrize(
    ("parameter", "kind", "flavour", "name"),
    [
        ("max_tokens", "ollama", "", "`options.num_predict`"),
        ("max_tokens", "openai", "", "`max_tokens`"),
        ("repeat_penalty", "openai", "vllm", "`repetition_penalty`"),
        ("repeat_penalty", "openai", "", "–"),
        ("json_schema", "ollama", "", "`format`, `think`"),
        ("json_schema", "llamacpp", "", "`response_format`"),
        ("thinking_budget", "llamacpp", "", "`thinking_budget_tokens`"),
        ("num_gpu", "llamacpp", "", "–"),
        ("tool_choice", "lmstudio", "", "`tool_choice`"),
    ],
)
def test_a_parameter_is_named_as_the_request_names_it(parameter, kind, flavour, name):
    assert sent(ENTRIES[parameter], kind, flavour) == name
