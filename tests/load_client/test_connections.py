"""Connections: kept, closed behind our back, refused, secured, and left in the middle."""

import ssl
from contextlib import contextmanager, suppress

import gevent
import gevent.socket
import pytest
from gevent.server import StreamServer

from load_client import Ask, Client, Timeouts
from load_client.secure import context
from load_metrics.exchange import Outcome
from tests.core.test_reachability_sockets import CERTIFICATE, KEY
from tests.load_client.truth import truth
from tests.servers import End, KeepAlive, Response, ScriptedServer
from tests.servers.bodies import ollama_stream

STREAM = Response.ndjson(ollama_stream("Hel", "lo"))


@pytest.fixture
def client():
    client = Client()
    yield client
    client.close()


def asking(url, **how):
    return Ask("x", f"{url}/api/chat", {"messages": []}, "ollama", **how)


def test_a_connection_serves_one_request_after_the_other(client):
    with ScriptedServer(STREAM) as server:
        exchanges = [client.ask(asking(server.url)) for _ in range(3)]

        assert [exchange.outcome for exchange in exchanges] == [Outcome.OK] * 3
        assert server.connections == 1
    assert "connect_ms" in exchanges[0].server
    assert "connect_ms" not in exchanges[1].server


def test_without_reuse_each_request_has_its_own(client):
    with ScriptedServer(STREAM) as server:
        for _ in range(3):
            client.ask(asking(server.url, reuse=False))

        assert server.connections == 3
        assert server.requests[0].headers["connection"] == "close"


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_kept_connection_that_the_server_drops_is_replaced_once(client, end):
    with ScriptedServer(STREAM, keep_alive=KeepAlive(requests=1, drops_next=end)) as server:
        exchanges = [client.ask(asking(server.url)) for _ in range(2)]

        assert [exchange.outcome for exchange in exchanges] == [Outcome.OK] * 2
        assert server.connections == 2


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_connection_that_breaks_in_an_answer_is_no_answer_and_is_not_asked_again(client, end):
    with ScriptedServer(Response.ndjson(ollama_stream("Hel", "lo")[:1], end=end)) as server:
        exchange = client.ask(asking(server.url))

        assert exchange.outcome is Outcome.STREAM_TRUNCATED
        assert len(server.requests) == 1


def test_a_request_is_written_as_servers_expect_it(client):
    with ScriptedServer(STREAM) as server:
        client.ask(asking(server.url, headers={"Authorization": "Bearer key"}))
        request = server.requests[0]
        assert request.headers["host"] == server.url.removeprefix("http://")
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["authorization"] == "Bearer key"
    assert request.json == {"messages": []}


def test_nobody_there_is_refused_with_the_command_that_helps(client):
    exchange = client.ask(asking("http://127.0.0.1:9", headers={"Authorization": "Bearer secret-key"}))

    assert exchange.outcome is Outcome.CONNECT_REFUSED
    assert "python -m scripts doctor --url http://127.0.0.1:9" in exchange.message
    assert "secret-key" not in exchange.message + repr(exchange)


def test_a_name_that_nobody_knows_is_its_own_class(client):
    assert client.ask(asking("http://nosuch.localhost.invalid:1")).outcome is Outcome.UNKNOWN_NAME


def test_https_to_a_server_that_speaks_http_is_a_matter_of_tls(client):
    with truth() as url:
        exchange = client.ask(asking(url.replace("http:", "https:"), timeouts=Timeouts(connect=0.5)))

    assert exchange.outcome is Outcome.TLS
    assert "does the server speak http?" in exchange.message


@contextmanager
def secured(server, folder):
    """A door with TLS before a server; its certificate is for localhost, signed by itself."""
    (folder / "both.pem").write_text(KEY + CERTIFICATE)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "both.pem")
    door = StreamServer(("127.0.0.1", 0), lambda sock, _: pass_on(sock, server), ssl_context=tls)
    door.start()
    yield f"https://localhost:{door.server_port}"
    door.stop()


def pass_on(sock, server):
    with suppress(OSError), gevent.socket.create_connection(("127.0.0.1", server.port)) as inner:
        inner.sendall(sock.recv(65536))
        while data := inner.recv(16):
            sock.sendall(data)


def test_a_secured_stream_is_read_like_any_other_once_its_authority_is_known(client, tmp_path, monkeypatch):
    with ScriptedServer(STREAM) as server, secured(server, tmp_path) as url:
        unknown = client.ask(asking(url, reuse=False))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "both.pem"))
        context.cache_clear()
        known = client.ask(asking(url, reuse=False))
        context.cache_clear()

    assert (unknown.outcome, known.outcome) == (Outcome.TLS, Outcome.OK)
    assert "certificate" in unknown.message
    assert unknown.message.endswith("; SSL_CERT_FILE=FILE trusts the authority whose certificate is in it")
    assert (known.text, known.clock) == ("Hello", "kernel")


def test_a_killed_user_leaves_its_request_with_the_task_that_can_be_stopped(client):
    with truth(events=1000, every=20, delay=1) as url:
        ask = Ask("x", f"{url}/v1/workflows/run", {"response_mode": "streaming"}, "dify")
        user = gevent.spawn(client.ask, ask)
        gevent.sleep(0.3)
        assert len(client.open) == 1
        user.kill()

    (exchange,) = client.cut
    assert not client.open
    assert exchange.outcome is Outcome.INCOMPLETE
    assert exchange.task_id
    assert exchange.arrivals


def test_a_server_that_accepts_and_says_nothing_is_given_up(client):
    with truth(delay=60_000, events=1) as url:
        exchange = client.ask(Ask("x", f"{url}/api/chat", {"stream": False}, "ollama", timeouts=Timeouts(silence=0.2)))

    assert exchange.outcome is Outcome.READ_TIMEOUT


def test_many_users_at_once_each_get_their_own_answer(client):
    def answer(request):
        return Response.ndjson(ollama_stream(request.json["messages"][0]["content"]))

    with ScriptedServer(answer) as server:
        texts = [f"text {number}" for number in range(50)]
        asks = [Ask("x", f"{server.url}/api/chat", {"messages": [{"content": text}]}, "ollama") for text in texts]
        users = [gevent.spawn(client.ask, ask) for ask in asks]
        gevent.joinall(users)

    assert [user.value.text for user in users] == texts
