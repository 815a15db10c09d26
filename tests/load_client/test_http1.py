"""Responses in every framing, cut everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load_client.http1 import CutOff, NotHttp, Response
from load_client.splitting import JsonLines, ServerSentEvents

BODY = 'data: {"text":"a\u2028b\u0085c"}\n\n'.encode()
RESPONSES = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n%s\r\n%X\r\n%s\r\n0\r\n\r\n"
    % (BODY[:5], len(BODY) - 5, BODY[5:]),
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n"
    % (len(BODY), BODY),
    "interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
}
UNTIL_CLOSE = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + BODY


def fed(data, size):
    response = Response()
    return response, b"".join(response.feed(data[at : at + size]) for at in range(0, len(data), size))


@pytest.mark.parametrize("framing", RESPONSES)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 10_000])
def test_a_body_is_whole_however_its_bytes_travel(framing, size):
    response, body = fed(RESPONSES[framing], size)

    response.end()
    assert (body, response.done, response.status, response.reusable) == (BODY, True, 200, True)


@pytest.mark.parametrize("framing", RESPONSES)
def test_what_is_cut_before_its_end_is_cut(framing):
    data = RESPONSES[framing]
    for cut in range(len(data)):
        response, _ = fed(data[:cut], 7)
        with pytest.raises(CutOff):
            response.end()


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_body_without_a_length_ends_with_its_connection(size):
    response, body = fed(UNTIL_CLOSE, size)

    assert not response.done
    response.end()
    assert (body, response.done, response.reusable) == (BODY, True, False)


def test_a_server_that_closes_is_not_asked_again_on_the_same_line():
    response, _ = fed(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 99)

    assert (response.done, response.reusable) == (True, False)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
    ],
)
def test_what_is_no_http_is_refused_at_once(data):
    with pytest.raises(NotHttp):
        fed(data, 4096)


TEXTS = st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1), max_size=6)


@given(TEXTS, st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 9))
def test_events_are_whole_with_any_line_break_in_any_pieces(texts, line_break, size):
    data = "".join(f": hello{line_break}data: {text}{line_break}{line_break}" for text in texts).encode()
    splitter = ServerSentEvents()

    found = [event for at in range(0, len(data), size) for event in splitter.feed(data[at : at + size])]

    assert [*found, *splitter.end()] == [text.encode() for text in texts]


def test_an_event_without_data_is_an_event_and_a_comment_is_none():
    assert ServerSentEvents().feed(b"event: ping\n\n: still here\n\ndata: a\ndata: b\n\n") == [b"", b"a\nb"]


def test_a_last_event_without_its_empty_line_is_not_lost():
    splitter = ServerSentEvents()

    assert (splitter.feed(b"data: [DONE]\n"), splitter.end()) == ([], [b"[DONE]"])


@given(TEXTS, st.integers(1, 9))
def test_lines_are_whole_in_any_pieces(texts, size):
    data = "\n".join(texts).encode()
    splitter = JsonLines()

    found = [line for at in range(0, len(data), size) for line in splitter.feed(data[at : at + size])]

    assert [*found, *splitter.end()] == [text.encode() for text in texts if text.encode().strip()]
