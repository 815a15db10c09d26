"""Messages that are JSON but of another shape than expected, and bytes that are hardly JSON at all."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from provider.core.answer import AnswerFilter
from provider.core.chat import Event, Finished, Text, Thinking, ToolCall, ToolCalls, Usage
from provider.core.errors import BrokenStream, ServerError
from provider.core.wire import ollama, openai
from provider.core.wire.failure import Refusal
from provider.dify.chunks import to_chunks
from tests.core.wire.streams import decode
from tests.core.wire.test_bent_streams import BYE, HELLO, HI, chunk, read, sse

JUNK = [None, True, 0, -1, 3.5, "", "x", "\ud800", [], {}, [None], ["a"], [[1]], [{}], {"a": 1}, float("nan"), 10**30]
CALL = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
OPENAI: list[Any] = [
    {"choices": [{"index": 0, "delta": {"reasoning_content": "hm", "content": None}, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {"content": [{"type": "text", "text": "Hi"}]}}]},
    {"choices": [{"index": 0, "delta": {"tool_calls": [CALL]}, "finish_reason": "tool_calls"}]},
    {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}, "timings": {"prompt_n": 1}},
]
OLLAMA: list[Any] = [
    {"message": {"role": "assistant", "content": "Hi", "thinking": "hm"}, "done": False},
    {"response": "Hi", "done": False},
    {"message": {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": {"x": 1}}}]}, "done": False},
    {"message": {"content": ""}, "done": True, "done_reason": "stop", "prompt_eval_count": 1, "eval_count": 2},
]
LINE = b'{"message":{"content":"Hi"},"done":false}\n'


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from paths(each, (*path, key))


def planted(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if path:
        value[path[0]] = planted(value[path[0]], path[1:], junk)
    return value if path else junk


def to_dify(decoder: openai.Decoder | ollama.Decoder, lines: list[bytes]) -> list[str]:
    """All the way to what the SDK writes."""
    answer = AnswerFilter(("STOP",))

    def events() -> Iterator[Event]:
        for line in lines:
            yield from answer.take(decoder.feed(line))
        yield from answer.take(decoder.end())

    chunks = to_chunks("m", (event for event in events()), "tags", lambda _: Usage(1, 1))
    return [chunk.model_dump_json() for chunk in chunks]


@pytest.mark.parametrize("wire", ["openai", "ollama"])
def test_no_value_of_another_kind_is_more_than_an_error_of_ours(wire: str) -> None:
    messages = OPENAI if wire == "openai" else OLLAMA
    for path in paths(messages):
        for junk in JUNK:
            odd = planted(copy.deepcopy(messages), path, copy.deepcopy(junk))
            lines = [json.dumps(each).encode() for each in odd] if isinstance(odd, list) else []
            try:
                if wire == "openai":
                    to_dify(openai.Decoder(), [sse(line) for line in lines])
                else:
                    to_dify(ollama.Decoder(), [line + b"\n" for line in lines])
            except (ServerError, Refusal):
                pass


@pytest.mark.parametrize(
    "data",
    [
        sse(HI, BYE, b"[DONE]", end=b"\n"),
        sse(HI, BYE, end=b"\n"),
        sse(HI, BYE, b"[DONE]", end=b"\r\r"),
        sse(HI, BYE, b"[DONE]", end=b"\r"),
        b"event: message\r\n" + sse(HI, BYE, b"[DONE]", end=b"\r\n\r\n"),
        sse(HI, chunk(finish="eos_token"), b"[DONE]"),
        sse(HI, chunk(finish="STOP"), b"[DONE]"),
        sse(HI, b'{"choices":[{"delta":{},"message":{"content":"Hi"},"finish_reason":"stop"}]}', b"[DONE]"),
        sse(HI, b'{"choices":[{"delta":{},"finish_reason":{"type":"stop"}}]}', b"[DONE]"),
        sse(HI, BYE, b'{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}'),
        sse(HI, BYE, b'{"choices":[],"usage":{"total_tokens":9}}'),
    ],
)
def test_more_bent_forms_of_one_answer_read_the_same(data: bytes) -> None:
    assert read(data) == HELLO


def test_a_byte_that_is_no_utf8_and_a_raw_tab_spoil_one_character() -> None:
    assert read(sse(b'{"choices":[{"delta":{"content":"a\xff\tb"}}]}', BYE))[0] == Text("a\ufffd\tb")
    assert decode(ollama.Decoder(), [b'{"message":{"content":"a\xff\tb"},"done":true}\n'])[0] == Text("a\ufffd\tb")


def test_counts_may_be_texts_or_fractions() -> None:
    usage = b'{"choices":[],"usage":{"prompt_tokens":7.0,"completion_tokens":"3"}}'

    assert read(sse(HI, BYE, usage))[-1] == Finished("stop", Usage(7, 3))


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_text": "hm"},
        {"thinking": "hm"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
        {"content": [{"type": "reasoning", "text": "hm"}]},
        {"reasoning": "hm", "reasoning_content": "hm"},
    ],
)
def test_thinking_is_read_under_every_name_once(delta: dict[str, Any]) -> None:
    assert read(sse(chunk(delta), HI, BYE)) == [Thinking("hm"), *HELLO]


@pytest.mark.parametrize("reason", ["error", "abort", "cancelled"])
def test_an_answer_that_the_server_broke_off_is_an_error(reason: str) -> None:
    with pytest.raises(BrokenStream, match=f"before its end.*{reason}"):
        decode(openai.Decoder(), [sse(HI, chunk(finish=reason), b"[DONE]")])


@pytest.mark.parametrize(
    "pieces",
    [
        [{**CALL, "function": {"name": "f", "arguments": {}}}, {"index": 0, "function": {"arguments": '{"x": 1}'}}],
        [{**CALL, "function": {"name": "f", "arguments": "{}"}}, {"index": 0, "function": {"arguments": '{"x": 1}'}}],
        [None, CALL],
        [CALL, CALL],
        [{**CALL, "index": "0", "function": {"name": "f", "arguments": "{"}}, {**CALL, "index": "0", "function": {"arguments": '"x": 1}'}}],
    ],
)  # fmt: skip
def test_a_call_is_put_together_once_from_odd_pieces(pieces: list[Any]) -> None:
    events = read(sse(*(chunk({"tool_calls": [piece]}) for piece in pieces), chunk(finish="tool_calls")))

    assert events == [ToolCalls((ToolCall("a", "f", '{"x": 1}'),)), Finished("tool_calls")]


@pytest.mark.parametrize(
    ("decoder", "data"),
    [
        (openai.Decoder, sse(HI, b'{"error":{"message":"boom"}}')),
        (ollama.Decoder, LINE + b'{"error":"boom"}\n'),
        (openai.Decoder, sse(HI, b"boom")),
        (ollama.Decoder, LINE + b"boom\n"),
    ],
)
def test_the_text_before_an_error_is_given_although_both_came_in_one_piece(decoder: Any, data: bytes) -> None:
    reader = decoder()

    assert reader.feed(data) == [Text("Hi")]
    assert reader.complete
    with pytest.raises((Refusal, BrokenStream), match="boom"):
        reader.end()


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a\ud83d", "\ude00b"], "a😀b"),
        (["\ud83d", "\ude00"], "😀"),
        (["a\ud83d", "b"], "a\ufffdb"),
        (["a\ud83d"], "a\ufffd"),
        (["\ude00a"], "\ufffda"),
    ],
)
def test_a_character_cut_in_two_is_joined_and_half_a_one_replaced(pieces: list[str], text: str) -> None:
    stream = [sse(json.dumps({"choices": [{"delta": {"content": piece}}]}).encode()) for piece in pieces]

    assert said(to_dify(openai.Decoder(), [*stream, sse(BYE)])) == text


def said(chunks: list[str]) -> str:
    return "".join(json.loads(each)["delta"]["message"]["content"] for each in chunks)
