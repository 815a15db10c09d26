"""Whole recordings of real servers, cut everywhere."""

from pathlib import Path

import pytest

from provider.core.chat import Finished, ToolCalls
from provider.core.errors import BrokenStream
from tests.core.wire.streams import OLLAMA, OPENAI, STREAMS, decode, decode_until_error, decoder_for, said

every_stream = pytest.mark.parametrize("recorded", STREAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")


def test_there_are_recordings_of_both_formats() -> None:
    assert len(OLLAMA) >= 6
    assert len(OPENAI) >= 8


@every_stream
@pytest.mark.parametrize("size", [1, 2, 7, 1400])
def test_events_do_not_depend_on_how_the_network_cuts_the_bytes(recorded: Path, size: int) -> None:
    data = recorded.read_bytes()

    in_pieces = decode(decoder_for(recorded), [data[at : at + size] for at in range(0, len(data), size)])

    assert in_pieces == decode(decoder_for(recorded), [data])


@every_stream
def test_a_stream_cut_at_any_byte_is_an_error_unless_its_end_was_seen(recorded: Path) -> None:
    data = recorded.read_bytes()
    whole = decode(decoder_for(recorded), [data])
    first_complete = None

    for cut in range(len(data)):
        events, error = decode_until_error(decoder_for(recorded), data[:cut])
        thought, answered = said(events)
        assert said(whole)[0].startswith(thought)
        assert said(whole)[1].startswith(answered)
        if error is None:
            first_complete = first_complete or cut
            assert said(events) == said(whole)
        else:
            assert isinstance(error, BrokenStream)
            assert first_complete is None, "after the end was seen no later cut may be an error"

    assert first_complete is None or first_complete > len(data) // 2


@every_stream
def test_a_recorded_stream_ends_with_a_reason_and_the_servers_own_counts(recorded: Path) -> None:
    events = decode(decoder_for(recorded), [recorded.read_bytes()])

    assert isinstance(events[-1], Finished)
    assert events[-1].reason in ("stop", "length", "tool_calls")
    if events[-1].usage is None:  # only Ollama's /v1 says nothing unless it is asked
        assert recorded.stem.startswith("v1_")
        assert "stream_options" not in recorded.with_suffix(".json").read_text()
    else:
        assert events[-1].usage.prompt_tokens > 0


@pytest.mark.parametrize(
    "recorded", [path for path in STREAMS if "tools" in path.stem], ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_a_recorded_tool_call_comes_once_and_whole(recorded: Path) -> None:
    events = decode(decoder_for(recorded), [recorded.read_bytes()])

    calls = [event for event in events if isinstance(event, ToolCalls)]
    assert len(calls) == 1
    assert [call.name for call in calls[0].calls] == ["get_weather"]
    assert calls[0].calls[0].arguments.startswith("{")
    assert events[-1].reason == "tool_calls"  # type: ignore[union-attr]
