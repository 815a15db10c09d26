import pytest
import yaml

from scripts.packaging.documents import texts

LANGUAGES = {"en_US", "zh_Hans", "ja_JP", "pt_BR"}


@pytest.fixture
def auto(repository):
    return yaml.safe_load((repository / "provider" / "predefined" / "llm" / "auto.yaml").read_bytes())


def test_it_promises_only_what_every_chat_model_keeps(auto):
    assert auto["features"] == ["agent-thought"]
    assert auto["model_properties"] == {"mode": "chat", "context_size": 4096}


def test_its_rules_are_those_of_models_added_by_name(auto, repository):
    named = yaml.safe_load((repository / "provider" / "dify" / "parameters.yaml").read_bytes())
    expected = {rule["name"]: rule for rule in named}
    expected["max_tokens"] |= {"max": 131072, "default": 2048}
    expected["response_format"]["options"] = ["text", "json_object"]

    assert [rule["name"] for rule in rules(auto) if rule != expected[rule["name"]]] == []
    assert not any(rule.get("required") for rule in rules(auto))


def test_every_parameter_is_named_and_explained_in_four_languages(auto):
    assert {path: set(text) for path, text in texts(auto) if set(text) != LANGUAGES} == {}
    assert [rule["name"] for rule in rules(auto) if not {"label", "help"} <= set(rule)] == []


def rules(model):
    return model["parameter_rules"]
