import json

import pytest

from tests.embedded.asking import GET_WEATHER, as_schema, ask, calls, get

THOUGHT = "The user says something, I answer."
ANSWER = "Hello from the tiny test model."
SEEDS = range(5)
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
    "required": ["name", "age", "tags"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("seed", SEEDS)
def test_it_thinks_and_says_its_sentence_at_any_temperature(chat_server, seed):
    choice = ask(chat_server, "hello", seed=seed, temperature=0.8)

    message = {"role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}
    assert (choice["message"], choice["finish_reason"]) == (message, "stop")


def test_it_does_not_think_when_told_so(chat_server):
    assert ask(chat_server, "hello", thinking=False)["message"] == {"role": "assistant", "content": ANSWER}


@pytest.mark.parametrize("thinking", [True, False])
@pytest.mark.parametrize("tool_choice", ["auto", "required"])
@pytest.mark.parametrize("seed", SEEDS)
def test_it_calls_a_tool_once_with_valid_arguments(chat_server, seed, tool_choice, thinking):
    choice = ask(
        chat_server,
        "hello",
        tools=[GET_WEATHER],
        tool_choice=tool_choice,
        seed=seed,
        temperature=0.8,
        thinking=thinking,
    )

    [(name, arguments)] = calls(choice)
    assert (name, choice["finish_reason"]) == ("get_weather", "tool_calls")
    assert set(arguments) == {"city", "unit"}
    assert arguments["unit"] in {"c", "f"}


def test_it_answers_when_the_tool_has_answered(chat_server):
    call = ask(chat_server, "hello", tools=[GET_WEATHER])["message"]
    [tool_call] = call["tool_calls"]
    result = {"role": "tool", "tool_call_id": tool_call["id"], "content": "12 C"}

    choice = ask(chat_server, "", tools=[GET_WEATHER], messages=[{"role": "user", "content": "hello"}, call, result])

    assert (choice["message"]["content"], choice["finish_reason"]) == (ANSWER, "stop")


@pytest.mark.parametrize("seed", SEEDS)
def test_it_obeys_a_json_schema(chat_server, seed):
    choice = ask(chat_server, "hello", response_format=as_schema(PERSON), seed=seed, temperature=0.8)

    person = json.loads(choice["message"]["content"])
    assert (set(person), choice["finish_reason"]) == (set(PERSON["required"]), "stop")
    assert person["age"] in range(121)


def test_the_server_says_what_it_can_do(chat_server):
    properties = get(chat_server, "/props").json()

    known = {name for name, can in properties["chat_template_caps"].items() if can}
    assert known >= {"supports_tools", "supports_tool_calls", "supports_parallel_tool_calls", "supports_system_role"}
    assert "enable_thinking" in properties["chat_template"]
    assert properties["default_generation_settings"]["n_ctx"] == 4096
    assert get(chat_server, "/v1/models").json()["data"][0]["id"] == "chat"
