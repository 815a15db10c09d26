"""What servers and networks do seldom: each has its class, an end, and words without a key."""

import gzip
from contextlib import contextmanager, suppress

import gevent
import gevent.socket
import pytest
from gevent.server import StreamServer

from load_client import Ask, Client, Timeouts
from load_client.failures import without_secrets
from load_metrics.exchange import Outcome
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
