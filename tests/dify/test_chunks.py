"""What Dify gets for each event."""

from collections.abc import Generator

import pytest
from dify_plugin.entities.model.llm import LLMResultChunk

from provider.core.chat import Event, Finished, Text, Thinking, ToolCall, ToolCalls, Usage
from provider.dify.chunks import joined, to_chunks

CALLS = ToolCalls((ToolCall("1", "a", "{}"), ToolCall("2", "b", '{"x":1}')))
END = Finished("stop", Usage(3, 4))


def stream(events: list[Event]) -> Generator[Event]:
    yield from events


def chunks(*events: Event, mode: str = "tags") -> list[LLMResultChunk]:
    return list(to_chunks("m", stream(list(events)), mode, lambda said: Usage(7, len(said), estimated=True)))


def text_of(answer: list[LLMResultChunk]) -> str:
    return "".join(str(chunk.delta.message.content) for chunk in answer)


def test_text_passes_piece_by_piece_and_the_usage_comes_last() -> None:
    answer = chunks(Text("He"), Text("llo"), END)

    assert [chunk.delta.message.content for chunk in answer] == ["He", "llo", ""]
    assert [chunk.delta.index for chunk in answer] == [0, 1, 2]
    assert [chunk.delta.usage is None for chunk in answer] == [True, True, False]
    assert answer[-1].delta.finish_reason == "stop"
    assert answer[-1].delta.usage
    assert answer[-1].delta.usage.total_tokens == 7


@pytest.mark.parametrize(
    ("events", "tags", "hidden", "plain"),
    [
        ([Thinking("a"), Thinking("b"), Text("c")], "<think>\nab\n</think>c", "c", "ab\n\nc"),
        ([Thinking("a"), Text("\n\nc")], "<think>\na\n</think>\n\nc", "c", "a\n\n\n\nc"),
        ([Thinking("a")], "<think>\na\n</think>", "", "a"),
        ([Thinking("a"), CALLS], "<think>\na\n</think>", "", "a"),
        ([Thinking("a"), Thinking(""), Thinking("b"), Text("c")], "<think>\nab\n</think>c", "c", "ab\n\nc"),
        ([Text("c"), Text(" ")], "c ", "c ", "c "),
    ],
)
def test_thinking_becomes_one_block_or_is_hidden_or_plain(
    events: list[Event], tags: str, hidden: str, plain: str
) -> None:
    assert text_of(chunks(*events, END)) == tags
    assert text_of(chunks(*events, END, mode="hidden")) == hidden
    assert text_of(chunks(*events, END, mode="plain")) == plain


def test_all_calls_come_in_one_chunk() -> None:
    answer = chunks(Text("x"), CALLS, Finished("tool_calls", Usage(1, 1)))

    assert [[call.id for call in chunk.delta.message.tool_calls] for chunk in answer] == [[], ["1", "2"], []]
    assert {call.type for call in answer[1].delta.message.tool_calls} == {"function"}


def test_without_the_servers_counts_everything_said_is_estimated() -> None:
    usage = chunks(Thinking("ab"), Text("cde"), Finished("stop"))[-1].delta.usage

    assert usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (7, 5)


def test_without_streaming_the_answer_is_one_chunk() -> None:
    (whole,) = joined("m", iter(chunks(Thinking("t"), Text("He"), Text("llo"), CALLS, END)))

    assert whole.delta.message.content == "<think>\nt\n</think>Hello"
    assert len(whole.delta.message.tool_calls) == 2
    assert whole.delta.finish_reason == "stop"
    assert whole.delta.usage


def test_closing_the_chunks_closes_the_events() -> None:
    closed = []

    def events() -> Generator[Event]:
        try:
            yield Text("a")
            yield Text("b")
        finally:
            closed.append(True)

    answer = to_chunks("m", events(), "tags", lambda said: Usage(0, 0))
    next(answer)
    answer.close()

    assert closed == [True]


def test_no_line_can_grow_beyond_what_the_daemon_reads() -> None:
    long = "\x01" * 2_000_000
    answer = chunks(Text(long), END)

    for pieces in (answer, list(joined("m", iter(answer)))):
        assert text_of(pieces) == long
        assert max(len(chunk.model_dump_json()) for chunk in pieces) < 4 * 1024 * 1024
        assert [chunk.delta.index for chunk in pieces] == list(range(len(pieces)))
        assert [chunk.delta.usage is not None for chunk in pieces] == [False] * (len(pieces) - 1) + [True]
