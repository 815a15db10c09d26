"""The body of a stream, as events: any cut, any line break, any length."""

from time import process_time

import pytest

from load_client.splitting import JsonLines, ServerSentEvents

TEXTS = ["one", "two, with ü and \u2028", "", "three\nin\nlines"]
LINES = [b"data: " + text.encode().replace(b"\n", b"\ndata: ") + b"\n\n" for text in TEXTS]


def split(splitter, body, size):
    events = [event for at in range(0, len(body), size) for event in splitter.feed(body[at : at + size])]
    return [*events, *splitter.end()]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1400])
@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_neither_cuts_nor_line_breaks_nor_a_mark_of_byte_order_change_the_events(size, line_break, mark):
    body = mark + b"".join(LINES).replace(b"\n", line_break)

    assert split(ServerSentEvents(), body, size) == [text.encode() for text in TEXTS]


def test_an_event_without_its_empty_line_is_given_at_the_end():
    assert split(ServerSentEvents(), b"data: a\n\ndata: b", 4) == [b"a", b"b"]


@pytest.mark.parametrize(
    ("splitter", "begin", "end"), [(ServerSentEvents, b"data: ", b"\n\n"), (JsonLines, b"", b"\n")]
)
def test_a_very_long_event_costs_as_much_as_its_length(splitter, begin, end):
    text = b"x" * 16_000_000
    start = process_time()

    events = split(splitter(), begin + text + end, 8192)

    assert events == [text]
    assert process_time() - start < 1.0, "what came is copied again with each read"
