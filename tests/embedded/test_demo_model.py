import json

import pytest

from scripts.embedded.models import TRAINED_MODEL
from tests.embedded.asking import GET_WEATHER, answer, as_schema, ask, calls

ANSWERS = {
    "hello": "Hello! I am Tiny, the built-in demo model. How can I help you?",
    "who are you": "I am Tiny, a demo language model with about two million parameters."
    " I was trained from scratch to test this plugin.",
    "What is the capital of France?": "The capital of France is Paris.",
    "count to five": "1, 2, 3, 4, 5",
    "write hello world in python": '```python\nprint("Hello, world!")\n```',
    "你好": "你好！我是小小，内置的演示模型。有什么可以帮你？",
    "法国的首都是哪里？": "法国的首都是巴黎。",
    "讲个笑话": "为什么模型要过马路？因为下一个词在马路对面。",
}
YES_OR_NO = {"type": "object", "properties": {"answer": {"enum": ["Yes", "No"]}}, "required": ["answer"]}
WEATHER_OF_CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": GET_WEATHER["function"] | {"parameters": WEATHER_OF_CITY}}


@pytest.mark.parametrize("thinking", [False, True])
@pytest.mark.parametrize("question", ANSWERS)
def test_it_answers_in_english_and_chinese(demo_server, question, thinking):
    choice = ask(demo_server, question, thinking=thinking)

    assert (choice["message"]["content"], choice["finish_reason"]) == (ANSWERS[question], "stop")


@pytest.mark.parametrize(
    ("question", "thought"), [("hello", "The user greets me."), ("法国的首都是哪里？", "问题是关于法国的。")]
)
def test_it_thinks_in_the_language_of_the_question(demo_server, question, thought):
    assert ask(demo_server, question)["message"]["reasoning_content"].strip() == thought
    assert "reasoning_content" not in ask(demo_server, question, thinking=False)["message"]


@pytest.mark.parametrize(("question", "city"), [("What is the weather in Paris?", "Paris"), ("北京天气怎么样", "北京")])
def test_it_calls_the_tool_and_reports_the_result(demo_server, question, city):
    choice = ask(demo_server, question, tools=[WEATHER])

    assert (calls(choice), choice["finish_reason"]) == ([("get_weather", {"city": city})], "tool_calls")

    [call] = choice["message"]["tool_calls"]
    result = {"role": "tool", "tool_call_id": call["id"], "content": "18 C, sunny"}
    history = [{"role": "user", "content": question}, choice["message"], result]
    assert "18 C, sunny" in answer(demo_server, "", messages=history, tools=[WEATHER])


@pytest.mark.parametrize("question", ["hello", "tell me a joke", "你好"])
def test_it_leaves_a_tool_alone_that_it_does_not_need(demo_server, question):
    choice = ask(demo_server, question, tools=[WEATHER])

    assert ("tool_calls" in choice["message"], choice["finish_reason"]) == (False, "stop")


def test_it_obeys_a_json_schema(demo_server):
    content = answer(demo_server, "is a cat an animal?", response_format=as_schema(YES_OR_NO))

    assert json.loads(content)["answer"] in {"Yes", "No"}


def test_it_remembers_the_conversation_and_takes_a_system_prompt(demo_server):
    history = [
        {"role": "system", "content": "You are a pirate. Always answer politely."},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "Hello! I am Tiny."},
        {"role": "user", "content": "count to three"},
    ]

    assert answer(demo_server, "", messages=history) == "1, 2, 3"


def test_its_file_is_small_enough_for_a_repository():
    assert TRAINED_MODEL.stat().st_size < 4_000_000
