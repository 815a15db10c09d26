"""What servers and networks do seldom: each has its class, an end, and words without a key."""

import gzip
from contextlib import contextmanager, suppress

import gevent
import gevent.socket
import pytest
from gevent.server import StreamServer

from load_client import Ask, Client, Timeouts
from load_client.answer import Answer
from load_client.failures import without_secrets
from load_client.refusals import refusal
from load_metrics.exchange import Exchange, Outcome
from tests.load_client.replaying import read
from tests.servers import Response, ScriptedServer

KEY = "sk-verysecret1234"


@pytest.fixture
def client():
    client = Client()
    yield client
    client.close()


@contextmanager
def behaving(handle):
    """A server on a real socket whose every connection does this."""
    server = StreamServer(("127.0.0.1", 0), lambda sock, _: handle(sock))
    server.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.stop(timeout=0)


def asking(url, **how):
    return Ask("x", f"{url}/v1/chat/completions", how.pop("body", {}), "openai", **how)


def test_a_compressed_answer_is_refused_for_nobody_can_time_it(client):
    body = gzip.compress(b"data: [DONE]\n\n")
    response = Response(200, [body], {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"})
    with ScriptedServer(response) as server:
        exchange = client.ask(asking(server.url))

    assert exchange.outcome is Outcome.PROTOCOL
    assert "compressed (gzip)" in exchange.message


def test_a_server_that_does_not_take_the_request_is_given_up(client):
    with behaving(lambda _sock: gevent.sleep(30)) as url:
        exchange = client.ask(asking(url, body={"text": "x" * 20_000_000}, timeouts=Timeouts(silence=0.3)))

    assert exchange.outcome is Outcome.READ_TIMEOUT
    assert "did not take the request" in exchange.message


@pytest.mark.parametrize("host", ["a" * 70, "no..where"])
def test_a_name_that_cannot_be_one_is_an_unknown_name(client, host):
    assert client.ask(asking(f"http://{host}:1")).outcome is Outcome.UNKNOWN_NAME


def test_a_key_that_the_server_repeats_is_not_in_the_message(client):
    refusal = Response.of_json({"error": {"message": f"Incorrect API key provided: {KEY}."}}, status=401)
    with ScriptedServer(refusal) as server:
        exchange = client.ask(asking(server.url, headers={"Authorization": f"Bearer {KEY}"}))

    assert exchange.outcome is Outcome.HTTP_4XX
    assert exchange.message.endswith("HTTP 401: Incorrect API key provided: ….")


def test_short_words_of_headers_are_no_secrets():
    assert without_secrets("Bearer of bad news", {"Authorization": "Bearer x"}) == "Bearer of bad news"


def test_an_answer_in_single_bytes_with_lines_between_is_whole(client):
    stream = b': hello\r\n\r\nevent: ping\r\n\r\ndata: {"choices":[{"delta":{"content":"a\xe2\x80\xa8b"}}]}\r\n\r\ndata: [DONE]\r\n\r\n'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

    def drip(sock):
        with suppress(OSError):
            sock.recv(4096)
            sock.setsockopt(gevent.socket.IPPROTO_TCP, gevent.socket.TCP_NODELAY, 1)
            for at in range(len(head + stream)):
                sock.send((head + stream)[at : at + 1])

    with behaving(drip) as url:
        exchange = client.ask(asking(url))

    assert (exchange.outcome, exchange.text, exchange.events) == (Outcome.OK, "a\u2028b", 3)


def test_a_user_may_be_killed_while_the_name_is_looked_up_or_the_request_is_written(client):
    with behaving(lambda _sock: gevent.sleep(30)) as url:
        user = gevent.spawn(client.ask, asking(url, body={"text": "x" * 20_000_000}))
        gevent.sleep(0.2)
        user.kill(timeout=5)

    assert [exchange.outcome for exchange in client.cut] == [Outcome.INCOMPLETE]
    assert client.open == set()


STREAMS = {
    "dify": b'data: {"event": "workflow_started", "data": {}}\n\ndata: {"event": "text_chunk", "data": {"text": "Hi"}}\n\n'
    b'data: {"event": "workflow_finished", "data": {"status": "succeeded", "outputs": {"a": "Hi"}}}\n\n',
    "openai": b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'
    b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n',
    "ollama": b'{"message": {"content": "Hi"}, "done": false}\n{"message": {"content": ""}, "done": true}\n',
}
KINDS = {"dify": "text/event-stream", "openai": "text/event-stream", "ollama": "application/x-ndjson"}


def closing(body, dialect):
    """As a response that ends with its connection."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {KINDS[dialect]}\r\n\r\n".encode() + body


@pytest.mark.parametrize("dialect", STREAMS)
def test_a_stream_that_ends_with_its_connection_is_truncated_wherever_it_is_cut(dialect):
    body = STREAMS[dialect]
    end = body.rindex(b"}")

    outcomes = {read(closing(body[:cut], dialect), dialect).outcome for cut in range(end)}

    assert outcomes == {Outcome.STREAM_TRUNCATED}
    assert read(closing(body, dialect), dialect).outcome is Outcome.OK


@pytest.mark.parametrize("dialect", STREAMS)
@pytest.mark.parametrize("framing", [b"", b"Transfer-Encoding: chunked\r\n"])
def test_an_answer_that_said_its_end_is_whole_though_its_connection_stays_open(client, monkeypatch, dialect, framing):
    monkeypatch.setattr("load_client.reading.AFTER_END", 0.2)
    head, body = closing(b"", dialect)[:-2] + framing + b"\r\n", STREAMS[dialect]

    def hold(sock):
        sock.recv(4096)
        sock.sendall(head + (b"%x\r\n%s\r\n" % (len(body), body) if framing else body))
        gevent.sleep(30)

    with behaving(hold) as url:
        exchange = client.ask(Ask("x", url, {}, dialect, timeouts=Timeouts(silence=5)))

    assert (exchange.outcome, exchange.text) == (Outcome.OK, "Hi")
    assert exchange.closed - exchange.ended < 100_000_000, "waiting for more is not time in flight"


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (
            "text/html",
            b"<html>\r\n<head><title>Sign in</title></head>\r\n<body></body></html>",
            "text/html came: Sign in",
        ),
        ("application/json", b'{"message": "no such app"}', "application/json came: no such app"),
        ("text/plain", STREAMS["openai"], "text/plain came: data: {"),
    ],
)
def test_what_is_no_stream_is_said_with_its_kind_and_its_words(kind, body, said):
    data = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + body
    streaming, blocking = read(data, "openai"), read(data, "openai", streaming=False)

    assert (streaming.outcome, streaming.text) == (Outcome.PROTOCOL, "")
    assert f"a stream was asked for, and {said}" in streaming.message
    assert blocking.outcome is (Outcome.APP_ERROR if "json" in kind else Outcome.PROTOCOL)
    assert "json" in kind or said.replace(" came", " came, which is no JSON") in blocking.message


def test_a_proxy_s_page_is_told_by_its_title():
    page = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center>nginx</center></body></html>"

    assert refusal(502, page) == (Outcome.HTTP_5XX, "HTTP 502: 502 Bad Gateway")


def test_a_whole_answer_has_ended_when_its_last_byte_came():
    answer = Answer(Exchange("x", streaming=False), "openai")
    body = b'{"choices": [{"message": {"content": "Hi"}}]}'
    answer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body), at=500)
    answer.finish(900)

    assert (answer.exchange.outcome, answer.exchange.ended) == (Outcome.OK, 500)


@pytest.mark.parametrize(
    "said",
    [
        b'data: {"error": {"message": "out of memory", "code": 500}}',
        b'data: {"error": "out of memory"}',
        b'data: {"object": "error", "message": "out of memory", "code": 500}',
        b'event: error\ndata: {"message": "out of memory"}',
        b'error: {"code": 500, "message": "out of memory", "type": "server_error"}',
        b'data: {"detail": "out of memory"}',
    ],
)
@pytest.mark.parametrize("end", [b"", b"data: [DONE]\n\n"])
def test_an_error_within_an_openai_stream_is_one_in_every_shape(said, end):
    text = b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'
    exchange = read(closing(text + said + b"\n\n" + end, "openai"), "openai")

    assert (exchange.outcome, exchange.message) == (Outcome.APP_ERROR, "out of memory")
