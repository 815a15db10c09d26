"""parameters.yaml as the SDK, the daemon and Dify's form take it."""

from typing import Any

import pytest
import yaml
from dify_plugin.entities.model import AIModelEntity, ParameterRule, ParameterType
from dify_plugin.errors.model import InvokeBadRequestError

from provider.core import parameters
from provider.core.model_info import ModelInfo
from provider.dify.schema import RULES, declared_context, model_entity
from provider.models.llm import LocalLLM

ENTRIES: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
BY_NAME = {entry["name"]: entry for entry in ENTRIES}
MIROSTAT = {"mirostat", "mirostat_tau", "mirostat_eta"}
RELOADING = ["num_gpu", "num_batch", "num_thread", "main_gpu", "use_mmap", "shift"]
SERVERS = [("ollama", ""), ("llamacpp", ""), ("lmstudio", ""), ("openai", ""), ("openai", "vllm")]
RELOADS = {"en_US": "reloads the model", "zh_Hans": "重新加载模型", "ja_JP": "再ロード", "pt_BR": "recarrega o modelo"}

every_server = pytest.mark.parametrize(("kind", "flavour"), SERVERS)
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])


def entity(kind: str, flavour: str = "", **facts: Any) -> AIModelEntity:
    return model_entity("m", ModelInfo("m", kind, flavour, **facts))


def rules(kind: str, flavour: str = "", **facts: Any) -> dict[str, ParameterRule]:
    return {rule.name: rule for rule in entity(kind, flavour, **facts).parameter_rules}


def passed(kind: str = "ollama", **given: Any) -> dict[str, Any]:
    """What the SDK lets through to `_invoke`."""
    form = {"base_url": "http://127.0.0.1:9", "server": kind}
    return LocalLLM([])._validate_and_filter_model_parameters("m", given, form)


def ticked(rule: ParameterRule) -> Any:
    """What Dify's form sends for a parameter that was ticked and left alone (parameter-item.tsx)."""
    if rule.type in (ParameterType.INT, ParameterType.FLOAT):
        number = (rule.min or 0) if rule.default is None else rule.default
        return int(number) if number == int(number) else number  # JavaScript knows no 1.0
    return rule.default or (False if rule.type is ParameterType.BOOLEAN else "")


def test_every_parameter_of_any_server_has_one_entry_and_no_other_has() -> None:
    names = set(parameters.HANDLED).union(*(parameters.accepted(*server) for server in SERVERS))

    assert sorted(entry["name"] for entry in ENTRIES) == sorted(names)


def test_what_most_people_want_comes_first_and_what_reloads_the_model_last() -> None:
    names = list(BY_NAME)

    assert names[:4] == ["temperature", "top_p", "max_tokens", "thinking"]
    assert names[-len(RELOADING) :] == RELOADING


@every_entry
def test_every_entry_is_told_in_four_languages(entry: dict[str, Any]) -> None:
    for told in (entry["label"], entry["help"]):
        assert list(told) == list(RELOADS)
        assert all(isinstance(words, str) and words.strip() == words != "" for words in told.values())


@every_entry
def test_only_what_reloads_the_model_says_so_in_every_language(entry: dict[str, Any]) -> None:
    warned = {language for language, words in RELOADS.items() if words in entry["help"][language]}

    assert warned == (set(RELOADS) if entry["name"] in RELOADING else set())


@every_entry
def test_every_entry_is_a_rule_that_is_optional_and_uses_no_template(entry: dict[str, Any]) -> None:
    rule = ParameterRule(**entry)

    assert (rule.name, rule.required, rule.use_template) == (entry["name"], False, None)


@every_entry
def test_no_key_of_an_entry_is_misspelt(entry: dict[str, Any]) -> None:
    assert entry.keys() <= ParameterRule.model_fields.keys()


@every_entry
def test_numbers_have_both_ends_and_fractions_have_room_for_decimals(entry: dict[str, Any]) -> None:
    rule = ParameterRule(**entry)

    if rule.type is ParameterType.FLOAT:
        assert rule.min < rule.max
        assert rule.precision >= 4
    elif rule.type is ParameterType.INT and rule.name != "max_tokens":
        assert rule.min < rule.max


def test_words_that_yaml_takes_for_booleans_arrive_as_words() -> None:
    assert BY_NAME["thinking"]["options"] == ["off", "on", "low", "medium", "high", "max"]
    assert BY_NAME["thinking"]["default"] == "on"
    assert BY_NAME["tool_choice"]["options"] == ["auto", "none", "required"]


def test_the_response_formats_do_not_wake_the_sdk_s_own_json_prompt() -> None:
    assert BY_NAME["response_format"]["options"] == ["text", "json_object", "json_schema"]


@pytest.mark.parametrize("name", ["json_schema", "samplers", "logit_bias", "grammar"])
def test_what_may_have_many_lines_gets_a_text_area(name: str) -> None:
    assert ParameterRule(**BY_NAME[name]).type is ParameterType.TEXT


@every_server
def test_a_model_offers_what_its_server_takes_and_no_more(kind: str, flavour: str) -> None:
    offered = rules(kind, flavour)

    assert offered.keys() == {*parameters.accepted(kind, flavour), *parameters.HANDLED} - MIROSTAT


@pytest.mark.parametrize(
    ("kind", "flavour", "has", "lacks"),
    [
        ("ollama", "", {"num_gpu", "truncate", "shift", "top_k"}, {"tool_choice", "logit_bias", "grammar", "ttl"}),
        ("llamacpp", "", {"grammar", "thinking_budget", "num_keep"}, {"num_gpu", "truncate", "ttl", "mirostat"}),
        ("lmstudio", "", {"ttl", "top_k", "min_p"}, {"typical_p", "grammar", "num_gpu", "thinking_budget"}),
        ("openai", "", {"seed", "tool_choice"}, {"top_k", "min_p", "repeat_penalty", "num_gpu", "ttl"}),
        ("openai", "vllm", {"seed", "top_k", "min_p", "repeat_penalty"}, {"num_gpu", "ttl", "grammar"}),
    ],
)
def test_each_server_has_its_own_parameters(kind: str, flavour: str, has: set[str], lacks: set[str]) -> None:
    offered = set(rules(kind, flavour))

    assert (has - offered, lacks & offered) == (set(), set())


def test_mirostat_is_offered_where_the_server_lists_it() -> None:
    listed = ("temperature", "mirostat", "mirostat_tau", "mirostat_eta")

    assert rules("llamacpp", parameters=listed).keys() - rules("llamacpp").keys() == MIROSTAT


def test_a_model_that_cannot_do_a_thing_offers_no_parameter_for_it() -> None:
    lost = rules("llamacpp").keys() - rules("llamacpp", thinking=False, tools=False, structured_output=False).keys()

    assert lost == {"thinking", "thinking_budget", "tool_choice", "parallel_tool_calls", "json_schema"}


def test_without_structured_output_there_is_no_json_schema_format() -> None:
    assert rules("openai", structured_output=False)["response_format"].options == ["text", "json_object"]


@every_server
@pytest.mark.parametrize("facts", [{}, {"context_length": 16384}, {"train_context_length": 2048}])
def test_an_answer_may_be_as_long_as_the_declared_context(kind: str, flavour: str, facts: dict[str, int]) -> None:
    offered = rules(kind, flavour, **facts)

    assert offered["max_tokens"].max == declared_context(ModelInfo("m", kind, flavour, **facts))


def test_only_llamacpp_refuses_a_penalty_window_of_minus_one() -> None:
    assert {kind: rules(kind)["repeat_last_n"].min for kind in ("ollama", "llamacpp")} == {"ollama": -1, "llamacpp": 0}


@pytest.mark.parametrize(
    "given",
    [
        {"temperature": 1.7},
        {"temperature": 0.123},
        {"temperature": 0},
        {"temperature": 2},
        {"top_p": 0.949999},
        {"top_k": 0},
        {"min_p": 0.0125},
        {"presence_penalty": -1.25},
        {"seed": -1},
        {"seed": 4294967295},
        {"repeat_last_n": -1},
        {"max_tokens": 4096},
        {"num_gpu": 0},
        {"use_mmap": False},
        {"thinking": "off"},
        {"response_format": "json_schema", "json_schema": '{"type": "object"}'},
    ],
    ids=str,
)
def test_a_sensible_value_passes_the_sdk_and_what_is_unset_stays_unset(given: dict[str, Any]) -> None:
    assert passed(**given) == given


def test_nothing_set_is_nothing_sent() -> None:
    assert passed() == {}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"temperature": 2.5}, "temperature should be less than or equal to 2"),
        ({"temperature": -0.1}, "temperature should be greater than or equal to 0"),
        ({"top_p": 1.01}, "top_p should be less than or equal to 1"),
        ({"repeat_penalty": 0}, "repeat_penalty should be greater than or equal to 0.1"),
        ({"top_k": -1}, "top_k should be greater than or equal to 0"),
        ({"max_tokens": 0}, "max_tokens should be greater than or equal to 1"),
        ({"max_tokens": 4097}, "max_tokens should be less than or equal to 4096"),
        ({"seed": 4294967296}, "seed should be less than or equal to 4294967295"),
        ({"response_format": "JSON"}, "response_format should be one of"),
        ({"thinking": "very"}, "thinking should be one of"),
    ],
    ids=str,
)
def test_a_value_no_server_can_mean_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvokeBadRequestError, match=words):
        passed(**given)


@pytest.mark.parametrize("kind", ["auto", "ollama", "llamacpp", "lmstudio", "openai"])
def test_every_parameter_may_be_ticked_and_left_as_the_form_fills_it(kind: str) -> None:
    offered = rules(kind)
    given = {name: ticked(rule) for name, rule in offered.items()}

    assert passed(kind, **given) == given


@every_server
def test_a_parameter_ticked_and_left_alone_reaches_the_server_as_json_or_not_at_all(kind: str, flavour: str) -> None:
    given = {name: ticked(rule) for name, rule in rules(kind, flavour).items()}

    sent = parameters.chosen(given, kind, flavour)

    assert not parameters.JSON_TEXT.keys() & sent.keys()
