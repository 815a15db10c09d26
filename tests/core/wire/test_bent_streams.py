"""The ways servers and gateways bend the formats."""

import json
from typing import Any

import pytest

from provider.core.chat import Event, Finished, Text, Thinking, ToolCall, ToolCalls, Usage
from provider.core.errors import BrokenStream, Rejected
from provider.core.wire import ollama, openai
from provider.core.wire.failure import Refusal
from tests.core.wire.streams import decode


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    choices = [{"index": 0, "delta": delta or {}, "finish_reason": finish}]
    return json.dumps({"object": "chat.completion.chunk", "choices": choices, **more}, ensure_ascii=False).encode()


def sse(*payloads: bytes, end: bytes = b"\n\n", mark: bytes = b"data: ") -> bytes:
    return b"".join(mark + payload + end for payload in payloads)


def read(data: bytes) -> list[Event]:
    """As a whole and byte by byte; both must agree."""
    whole = decode(openai.Decoder(), [data])
    assert decode(openai.Decoder(), [bytes([byte]) for byte in data]) == whole
    return whole


HI, BYE = chunk({"content": "Hi"}), chunk(finish="stop")
HELLO = [Text("Hi"), Finished("stop")]


@pytest.mark.parametrize(
    "data",
    [
        sse(HI, BYE, b"[DONE]"),
        sse(HI, BYE, b"[DONE]", end=b"\r\n\r\n"),
        sse(HI, BYE, b"[DONE]", mark=b"data:"),
        b"\xef\xbb\xbf" + sse(HI, BYE, b"[DONE]"),
        b": ping\n\n" + sse(HI) + b":\n\n" + sse(BYE, b"[DONE]"),
        b"event: message\nid: 7\nretry: 10\n" + sse(HI) + b"event: message\n" + sse(BYE, b"[DONE]"),
        sse(HI, BYE),
        sse(HI, BYE).rstrip(),
        sse(HI, b"[DONE]"),
        sse(HI) + b"\n\n\n" + sse(BYE),
        b"data: " + HI.replace(b", ", b",\ndata: ", 1) + b"\n\n" + sse(BYE),
        sse(HI, BYE, b'{"object":"chat.completion.chunk","choices":[]}', b"[DONE]"),
        json.dumps({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}).encode(),
        json.dumps({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}, indent=2).encode(),
        sse(
            b'{"choices":[{"index":0,"text":"Hi","finish_reason":null}]}',
            b'{"choices":[{"text":"","finish_reason":"stop"}]}',
        ),
        sse(chunk({"role": "assistant", "content": None}), chunk({"content": [{"type": "text", "text": "Hi"}]}), BYE),
    ],
)
def test_every_bent_form_of_one_answer_reads_the_same(data: bytes) -> None:
    assert read(data) == HELLO


def test_the_usage_may_come_in_a_chunk_without_choices() -> None:
    usage = b'{"object":"chat.completion.chunk","usage":{"prompt_tokens":3,"completion_tokens":1}}'

    assert read(sse(HI, BYE, usage, b"[DONE]"))[-1] == Finished("stop", Usage(3, 1))


def test_llama_cpps_timings_count_when_no_usage_came() -> None:
    end = chunk(finish="stop", timings={"cache_n": 2, "prompt_n": 5, "predicted_n": 4})

    assert read(sse(HI, end, b"[DONE]"))[-1] == Finished("stop", Usage(7, 4))


def test_a_finish_reason_is_not_lost_by_a_later_chunk_without_one() -> None:
    assert read(sse(HI, chunk(finish="length"), chunk({}), b"[DONE]"))[-1] == Finished("length")


@pytest.mark.parametrize("text", ["a\u2028b", "a\u0085b", "a\u2029b", "a\x0bb", "“ok”\r", "日本🙂"])
def test_only_a_line_feed_ends_a_line(text: str) -> None:
    assert read(sse(chunk({"content": text}), BYE))[0] == Text(text)
    line = json.dumps({"message": {"content": text}, "done": True, "done_reason": "stop"}, ensure_ascii=False)
    assert decode(ollama.Decoder(), [line.encode() + b"\n"])[0] == Text(text)


def test_thinking_and_text_in_one_chunk_are_both_kept() -> None:
    both = chunk({"reasoning_content": "hm", "content": "Hi"})
    line = b'{"message":{"thinking":"hm","content":"Hi"},"done":true,"done_reason":"stop"}\n'

    assert read(sse(both, BYE))[:2] == [Thinking("hm"), Text("Hi")]
    assert decode(ollama.Decoder(), [line])[:2] == [Thinking("hm"), Text("Hi")]


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_both_names_of_the_reasoning_field_are_read(field: str) -> None:
    assert read(sse(chunk({field: "hm"}), HI, BYE))[0] == Thinking("hm")


@pytest.mark.parametrize(
    "error",
    [
        sse(b'{"error":{"message":"boom","code":500}}'),
        sse(b'{"error":"boom"}'),
        b'event: error\ndata: {"error":{"message":"boom"},"message":"x"}\n\n',
        b'event: error\ndata: {"message":"boom"}\n\n',
        sse(b'{"object":"error","message":"boom","code":400}'),
        sse(b'{"error":"{\\"error\\":{\\"message\\":\\"boom\\"}}"}'),
        sse(b'{"error":{"message":"boom"}}', b"[DONE]"),
    ],
)
def test_an_error_inside_the_stream_is_raised_after_the_text_before_it(error: bytes) -> None:
    decoder = openai.Decoder()
    assert decoder.feed(sse(HI)) == [Text("Hi")]

    with pytest.raises(Refusal, match=r"^boom$"):
        decode(decoder, [error])


@pytest.mark.parametrize("line", [b'{"error":"boom"}\n', b'{"error":"{\\"error\\":{\\"message\\":\\"boom\\"}}"}\n'])
def test_an_error_line_of_ollama_is_raised(line: bytes) -> None:
    decoder = ollama.Decoder()
    decoder.feed(b'{"message":{"content":"Hi"},"done":false}\n')

    with pytest.raises(Refusal, match=r"^boom$"):
        decoder.feed(line)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "nothing at all"),
        (b"\n\n", "nothing at all"),
        (sse(b"[DONE]"), "nothing at all"),
        (b"<html><body>502</body></html>", "did not answer with a chat|not JSON"),
        (sse(HI), "before its end"),
        (sse(HI) + b'data: {"choi', "before its end"),
        (sse(b"oops"), "not JSON"),
        (sse(b"[1]"), "not a JSON object"),
    ],
)
def test_an_answer_without_its_end_is_an_error(data: bytes, reason: str) -> None:
    with pytest.raises(BrokenStream, match=reason):
        decode(openai.Decoder(), [data])


@pytest.mark.parametrize(
    "data", [b"", b'{"message":{"content":"Hi"},"done":false}\n', b'{"message":{"conte', b"<html>"]
)
def test_an_answer_of_ollama_without_done_is_an_error(data: bytes) -> None:
    with pytest.raises(BrokenStream):
        decode(ollama.Decoder(), [data])


def test_a_gateway_may_wrap_ollamas_lines_in_server_sent_events() -> None:
    lines = b'data: {"message":{"content":"Hi"},"done":false}\n\nevent: x\n: c\ndata: {"done":true}\n\ndata: [DONE]\n\n'

    assert decode(ollama.Decoder(), [lines]) == HELLO


def test_a_done_reason_without_done_ends_the_answer_too() -> None:
    assert decode(ollama.Decoder(), [b'{"message":{"content":"Hi"},"done_reason":"length"}\n'])[-1].reason == "length"  # type: ignore[union-attr]


def test_ollamas_calls_in_several_lines_and_in_the_last_one_come_at_once_with_unique_ids() -> None:
    lines = [
        b'{"message":{"tool_calls":[{"function":{"index":0,"name":"a","arguments":{"x":1}}}]},"done":false}\n',
        b'{"message":{"content":"and"},"done":false}\n',
        b'{"message":{"tool_calls":[{"function":{"index":0,"name":"b","arguments":"{}"}}]},"done":true}\n',
    ]

    events = decode(ollama.Decoder(), lines)

    assert isinstance(calls := events[1], ToolCalls)
    assert [(call.name, call.arguments) for call in calls.calls] == [("a", '{"x": 1}'), ("b", "{}")]
    assert len({call.id for call in calls.calls}) == 2
    assert events[-1] == Finished("tool_calls")


def piece(**fields: Any) -> dict[str, Any]:
    function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
    return {**fields, "function": function}


A1 = ToolCall("1", "a", '{"x":1}')
B2 = ToolCall("2", "b", "{}")


@pytest.mark.parametrize(
    ("pieces", "names"),
    [
        ([piece(index=0, id="1", name="a", arguments='{"x":'), piece(index=0, arguments="1}")], ["a"]),
        ([piece(index=0, id="1", name="a"), piece(index=1, id="2", name="b"),
          piece(index=0, arguments='{"x":1}'), piece(index=1, arguments="{}")], ["a", "b"]),
        ([piece(id="1", name="a", arguments='{"x":1}'), piece(id="2", name="b", arguments="{}")], ["a", "b"]),
        ([piece(name="a", arguments='{"x":1}'), piece(name="b", arguments="{}")], ["a", "b"]),
        ([piece(name="a", arguments='{"x":1}'), piece(name="a", arguments='{"x":2}')], ["a", "a"]),
        ([piece(index=0, name="a", arguments='{"x":'), piece(index=0, name="a", arguments="1}")], ["a"]),
        ([piece(index=0, id="1", name="a", arguments='{"x":'), piece(index=0, id="1", name="a", arguments="1}")], ["a"]),
        ([piece(index=0, id="1", name="a", arguments="{}"), piece(index=0, id="2", name="b", arguments="{}")], ["a", "b"]),
        ([piece(index=0, name="a", arguments="{}"), piece(index=0, name="b", arguments="{}")], ["a", "b"]),
        ([piece(index=0, id="same", name="a", arguments="{}"), piece(index=1, id="same", name="b", arguments="{}")], ["a", "b"]),
        ([piece(index=0, id="", name="a", arguments={"x": 1})], ["a"]),
        ([piece(index=0, id="1", name="a", arguments='"{\\"x\\":1}"')], ["a"]),
        ([piece(index=0, id="1", name="a", arguments="")], ["a"]),
        ([piece(index=0, id=None, name=None, arguments=""), piece(index=0, id="1", name="a", arguments="{}")], ["a"]),
    ],
)  # fmt: skip
def test_tool_calls_are_put_together_however_they_are_cut(pieces: list[dict[str, Any]], names: list[str]) -> None:
    data = sse(
        *(chunk({"tool_calls": [each]}) for each in pieces), chunk({"content": "after"}), chunk(finish="tool_calls")
    )

    events = decode(openai.Decoder(), [data])

    assert isinstance(calls := events[-2], ToolCalls)
    assert [call.name for call in calls.calls] == names
    assert all(isinstance(json.loads(call.arguments), dict) for call in calls.calls)
    assert len({call.id for call in calls.calls}) == len(names)
    assert all(call.id for call in calls.calls)


def test_the_old_function_call_form_is_read() -> None:
    data = sse(chunk({"function_call": {"name": "a", "arguments": '{"x"'}}), chunk({"function_call": {"arguments": ":1}"}}),
               chunk(finish="function_call"))  # fmt: skip

    calls, end = decode(openai.Decoder(), [data])

    assert isinstance(calls, ToolCalls)
    assert calls.calls[0].arguments == '{"x":1}'
    assert end == Finished("tool_calls")


def test_a_call_cut_by_the_token_limit_is_reported_and_not_passed_on() -> None:
    data = sse(
        chunk({"tool_calls": [piece(index=0, id="1", name="pay", arguments='{"amount": 1')]}), chunk(finish="length")
    )

    with pytest.raises(Rejected, match=r"pay.*max_tokens"):
        decode(openai.Decoder(), [data])


def test_a_call_whose_arguments_are_no_object_is_an_error() -> None:
    data = sse(chunk({"tool_calls": [piece(index=0, id="1", name="a", arguments="[1")]}), chunk(finish="tool_calls"))

    with pytest.raises(BrokenStream, match="not a JSON object"):
        decode(openai.Decoder(), [data])
