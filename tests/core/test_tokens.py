"""The estimate: near the truth in every script, never by base64, never by a download."""

import pytest

from provider.core.chat import ChatRequest, Media, Message, Tool, ToolCall
from provider.core.tokens import PER_MEDIA, estimate_prompt, estimate_text


# Counted by tokenizers with 100,000 and more entries (cl100k, Qwen 2.5), rounded.
@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("The quick brown fox jumps over the lazy dog.", 9, 13),
        ("Photosynthesis converts electromagnetic radiation.", 6, 14),
        ("你好，世界。今天天气很好。", 8, 14),
        ("こんにちは世界", 3, 8),
        ("Привет, как твои дела сегодня?", 7, 15),
        ("def add(a: int, b: int) -> int:\n    return a + b\n", 18, 30),
        ('{"name": "Paris", "temperature": 18.5}', 12, 22),
        ("1234567890", 3, 10),
        (" " * 1000, 1, 250),
    ],
)
def test_a_text_is_counted_about_as_a_large_vocabulary_would(text: str, least: int, most: int) -> None:
    assert least <= estimate_text(text) <= most


def request(*messages: Message, tools: tuple[Tool, ...] = ()) -> ChatRequest:
    return ChatRequest("m", messages, tools=tools)


def test_every_message_tool_and_call_counts() -> None:
    alone = estimate_prompt(request(Message("user", ("hello",))))
    call = Message("assistant", (), tool_calls=(ToolCall("1", "get_weather", '{"city": "Paris"}'),))
    tool = Tool("get_weather", "The weather of a city", {"type": "object", "properties": {"city": {"type": "string"}}})

    assert estimate_prompt(request(Message("user", ("hello",)), call)) > alone + 10
    assert estimate_prompt(request(Message("user", ("hello",)), tools=(tool,))) > alone + 20


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_picture_costs_the_same_whatever_its_size(size: int) -> None:
    without = estimate_prompt(request(Message("user", ("look",))))
    with_picture = estimate_prompt(request(Message("user", ("look", Media("image", "image/png", "A" * size)))))

    assert with_picture == without + PER_MEDIA["image"]
