"""Thinking in the text: however it is marked and cut."""

import pytest

from provider.core.answer import AnswerFilter
from provider.core.chat import Event, Finished, Text, Thinking, Usage
from provider.core.wire.thinking import ThinkingSplitter
from tests.core.wire.streams import said

HARMONY = "<|channel|>analysis<|message|>I think.<|end|><|start|>assistant<|channel|>final<|message|>Hello <b>you</b><|return|>"


def split(text: str, size: int) -> tuple[str, str]:
    splitter = ThinkingSplitter()
    events = [event for at in range(0, len(text), size) for event in splitter.feed(text[at : at + size])]
    return said([*events, *splitter.end()])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9, 1000])
@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("<think>hm</think>Hello", "hm", "Hello"),
        ("\n <think>\nhm, well\n</think>\n\nHello", "hm, well", "\n\nHello"),
        ("<thought>hm</thought>Hello", "hm", "Hello"),
        ("◁think▷hm◁/think▷Hello", "hm", "Hello"),
        ("[THINK]hm[/THINK]Hello", "hm", "Hello"),
        ("<think>never closed", "never closed", ""),
        ("<think>a </thin b</think>c", "a </thin b", "c"),
        ("<think></think>Hello", "", "Hello"),
        (HARMONY, "I think.", "Hello <b>you</b>"),
        ("Hello", "", "Hello"),
        ("<p>Hello</p>", "", "<p>Hello</p>"),
        ("<thinner>", "", "<thinner>"),
        ("  indented", "", "  indented"),
        ("Write <think>x</think> around it", "", "Write <think>x</think> around it"),
        ("<think>a</think>say <think>b</think>", "a", "say <think>b</think>"),
        ("<thi", "", "<thi"),
        ("   ", "", "   "),
        ("1 < 2 <| 3", "", "1 < 2 <| 3"),
    ],
)
def test_thinking_is_told_from_the_answer(text: str, thought: str, answer: str, size: int) -> None:
    assert split(text, size) == (thought, answer)


def test_text_without_marks_passes_piece_by_piece() -> None:
    splitter = ThinkingSplitter()

    assert [splitter.feed(piece) for piece in ("Hel", "lo", " <", "think>")] == [
        [Text("Hel")], [Text("lo")], [Text(" <")], [Text("think>")],
    ]  # fmt: skip


def filtered(pieces: list[str], *stop: str, end: Finished | None = None) -> list[Event]:
    answer = AnswerFilter(stop)
    events: list[Event] = []
    for piece in [*(Text(each) for each in pieces), end or Finished("stop", Usage(1, 2))]:
        events += answer.take([piece])
        if answer.stopped:
            break
    return events


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one STOP two", "one "),
        ("one STO", "one STO"),
        ("one STSTOP", "one ST"),
        ("STOP", ""),
        ("a\nUser: b", "a"),
        ("no word here", "no word here"),
        ("<think>STOP</think>yes STOP no", "yes "),
    ],
)
def test_a_stop_word_ends_the_answer_although_the_server_went_on(text: str, kept: str, size: int) -> None:
    events = filtered([text[at : at + size] for at in range(0, len(text), size)], "STOP", "\nUser:")

    assert said(events)[1] == kept
    assert isinstance(events[-1], Finished)
    assert [event for event in events if isinstance(event, Finished)] == [events[-1]]


def test_thinking_is_never_searched_for_stop_words() -> None:
    answer = AnswerFilter(("STOP",))

    assert list(answer.take([Thinking("STOP"), Finished("stop")])) == [Thinking("STOP"), Finished("stop")]


def test_without_stop_words_events_pass_untouched() -> None:
    answer = AnswerFilter()
    list(answer.take([Text("Hello")]))
    events: list[Event] = [Text("<think>"), Finished("length", Usage(1, 2))]

    assert answer.take(events) is events
