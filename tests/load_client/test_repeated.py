"""The short way past the JSON parser, held against the parser."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load_client.answer import Answer
from load_client.dialects import DIALECTS
from load_client.repeated import Repeated
from load_metrics.exchange import Exchange

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [*':,{}[]"\\ ', "text", "llm", "null", "</think>", "<think>"]
)
SHAPES = {
    "dify": lambda text, node: {"event": "text_chunk", "task_id": "t", "data": {"text": text, "from_variable_selector": [node, "text"]}},
    "openai": lambda text, node: {"id": node, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]},
    "ollama": lambda text, node: {"model": node, "message": {"role": "assistant", "content": text}, "done": False},
}  # fmt: skip
STARTED = [{"event": "node_started", "data": {"node_type": kind, "node_id": kind}} for kind in ("llm", "end")]


class Forgetful(Repeated):
    """Never takes the short way."""

    def text_of(self, data):
        return None


@pytest.mark.parametrize("dialect", SHAPES)
@given(pieces=st.lists(st.tuples(TEXT, st.sampled_from(["llm", "end"])), max_size=12), ascii_only=st.booleans())
def test_an_answer_is_the_same_on_the_short_way(dialect, pieces, ascii_only):
    events = [*STARTED, *(SHAPES[dialect](text, node) for text, node in pieces)]
    lines = [json.dumps(event, ensure_ascii=ascii_only).encode() for event in events]

    assert answered(dialect, lines, Repeated()) == answered(dialect, lines, Forgetful())


def answered(dialect, lines, repeated):
    exchange = Exchange("x")
    reader = DIALECTS[dialect](exchange)
    reader._repeated = repeated
    for at, line in enumerate(lines, 1):
        reader.event(line, at)
    reader.conclude()
    return exchange.text, list(exchange.arrivals), exchange.first_token, exchange.first_visible, exchange.last_token


def test_what_differs_only_in_its_text_is_not_parsed():
    repeated = Repeated()
    repeated.learn(b'{"id":1,"text":"Hel"}', "Hel")

    assert repeated.text_of('{"id":1,"text":"lö\u2028"}'.encode()) == "lö\u2028"
    assert repeated.text_of(b'{"id":2,"text":"lo"}') is None
    assert repeated.text_of(b'{"id":1,"text":"l\\no"}') is None
    assert repeated.text_of(b'{"id":1,"text":"}') is None
    assert repeated.text_of(b'{"id":1,"text":""}') is None
    assert repeated.text_of(b'{"id":1,"text":"a","text":"b"}') is None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"a":":"}', ":"),  # the quoted text also stands between key and value
        (b'{"text":"text"}', "text"),  # it is there twice
        (b'{"a":"A","b":"\\u0041"}', "A"),  # it is written otherwise
        (b'{"text":""}', ""),
    ],
)
def test_an_event_in_which_the_text_s_place_is_in_doubt_teaches_nothing(data, text):
    repeated = Repeated()
    repeated.learn(data, text)

    assert repeated.text_of(data) is None


def test_bad_utf_8_is_no_text():
    repeated = Repeated()
    repeated.learn(b'{"text":"a"}', "a")

    with pytest.raises(ValueError, match="utf-8"):
        repeated.text_of(b'{"text":"\xff"}')


@pytest.mark.parametrize("dialect", SHAPES)
@given(pieces=st.lists(st.tuples(TEXT, st.sampled_from(["llm", "end"])), max_size=12), size=st.integers(1, 40))
def test_whole_chunks_and_pieces_of_them_are_the_same_answer(dialect, pieces, size):
    end = b"\n" if dialect == "ollama" else b"\n\n"
    begin = b"" if dialect == "ollama" else b"data: "
    events = [json.dumps(event).encode() for event in [*STARTED, *(SHAPES[dialect](*piece) for piece in pieces)]]
    chunks = [b"%x\r\n%s\r\n" % (len(begin + event + end), begin + event + end) for event in events]
    stream = b"".join(chunks)

    whole = told(dialect, chunks)

    assert whole == told(dialect, [stream[at : at + size] for at in range(0, len(stream), size)])
    assert whole == told(dialect, [stream])


def told(dialect, reads):
    answer = Answer(Exchange("x"), dialect)
    kind = b"application/x-ndjson" if dialect == "ollama" else b"text/event-stream"
    answer.feed(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % kind, 1)
    for read in reads:
        answer.feed(read, 2)
    answer.finish(3)
    exchange = answer.exchange
    return exchange.text, len(exchange.arrivals), exchange.events, exchange.received, exchange.outcome, exchange.message
