"""Dify's messages, read for any server."""

import pytest
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    DeveloperPromptMessage,
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageTool,
    SystemPromptMessage,
    TextPromptMessageContent,
    ToolPromptMessage,
    UserPromptMessage,
)

from provider.core.chat import Media, Message, Tool, ToolCall
from provider.core.errors import Rejected
from provider.dify.prompts import to_messages, to_request, to_tools

CALL = AssistantPromptMessage.ToolCall(
    id="c1",
    type="function",
    function=AssistantPromptMessage.ToolCall.ToolCallFunction(name="get_weather", arguments='{"city":"Paris"}'),
)


def test_every_role_is_known_and_a_developer_speaks_as_system() -> None:
    messages = [SystemPromptMessage(content="s"), DeveloperPromptMessage(content="d"), UserPromptMessage(content="u")]

    assert [(each.role, each.text) for each in to_messages(messages)] == [
        ("system", "s"),
        ("system", "d"),
        ("user", "u"),
    ]


def test_a_tools_answer_carries_the_name_of_its_call() -> None:
    messages: list[PromptMessage] = [
        AssistantPromptMessage(content="", tool_calls=[CALL]),
        ToolPromptMessage(content="18 C", tool_call_id="c1"),
    ]

    call, answer = to_messages(messages)

    assert call.tool_calls == (ToolCall("c1", "get_weather", '{"city":"Paris"}'),)
    assert answer == Message("tool", ("18 C",), tool_call_id="c1", tool_name="get_weather")


@pytest.mark.parametrize(
    ("content", "thinking", "text"),
    [
        ("<think>\nhm\n</think>\n\nHello", "hm", "Hello"),
        ("Hello <think>x</think>", "", "Hello <think>x</think>"),
        ("<think>never closed", "", "<think>never closed"),
    ],
)
def test_an_old_thought_is_taken_out_only_at_the_beginning(content: str, thinking: str, text: str) -> None:
    (message,) = to_messages([AssistantPromptMessage(content=content)])

    assert (message.thinking, message.text) == (thinking, text)


def test_parts_keep_their_order_and_pictures_lose_their_prefix() -> None:
    picture = ImagePromptMessageContent(format="png", mime_type="image/png", base64_data="data:image/png;base64,QUJD")
    message = UserPromptMessage(
        content=[TextPromptMessageContent(data="a"), picture, TextPromptMessageContent(data="b")]
    )

    assert to_messages([message])[0].parts == ("a", Media("image", "image/png", "QUJD"), "b")


def test_content_parts_are_read_in_system_and_assistant_messages_too() -> None:
    parts = [TextPromptMessageContent(data="a"), TextPromptMessageContent(data="b")]

    assert [each.text for each in to_messages([SystemPromptMessage(content=parts), AssistantPromptMessage(content=parts)])] == [
        "ab", "ab",
    ]  # fmt: skip


def test_empty_content_is_no_part() -> None:
    assert to_messages([AssistantPromptMessage(content=None)])[0].parts == ()


def test_tools_are_read() -> None:
    tool = PromptMessageTool(name="t", description="d", parameters={"type": "object"})

    assert to_tools([tool]) == (Tool("t", "d", {"type": "object"}),)
    assert to_tools(None) == ()


SCHEMA = '{"type":"object","properties":{"schema":{"type":"string"}}}'


@pytest.mark.parametrize("given", [SCHEMA, f'{{"name":"llm_response","schema":{SCHEMA}}}'])
def test_both_shapes_of_difys_schema_are_one(given: str) -> None:
    request = to_request("m", [], {"json_schema": given, "response_format": "json_schema"}, None, None)

    assert request.json_schema == {"type": "object", "properties": {"schema": {"type": "string"}}}
    assert not request.json_mode


@pytest.mark.parametrize(
    "given",
    [
        "{not json",
        "[]",
        '"text"',
        '{"type":"objekt"}',
        '{"type":"object","properties":[]}',
        '{"type":"object","properties":{"a":"string"}}',
        '{"type":"object","properties":{"a":{"type":"strin"}}}',
        '{"type":"object","required":"a"}',
        '{"anyOf":{"type":"string"}}',
        '{"enum":[]}',
        '{"$ref":"http://elsewhere/schema"}',
        '{"name":"x","schema":{"type":"nope"}}',
    ],
)
def test_an_invalid_schema_is_a_clear_error_never_plain_json(given: str) -> None:
    with pytest.raises(Rejected, match="json_schema"):
        to_request("m", [], {"json_schema": given}, None, None)


def test_a_schema_that_was_announced_but_is_empty_is_an_error() -> None:
    with pytest.raises(Rejected, match="empty"):
        to_request("m", [], {"response_format": "json_schema", "json_schema": " "}, None, None)


def test_json_mode_and_thinking_are_read() -> None:
    request = to_request("m", [], {"response_format": "json_object", "thinking": "low"}, None, ["x", ""])

    assert (request.json_mode, request.thinking, request.stop) == (True, "low", ("x",))
