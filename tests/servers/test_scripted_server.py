import socket
import time
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from itertools import count

import pytest
import requests

from tests.servers import End, Forever, KeepAlive, Response, ScriptedServer, by_path
from tests.servers.http_server import LLAMACPP_KEEP_ALIVE

HELLO = Response.of_json({"hello": "world"})
PIECES = [b"one", b"two", b"three"]


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def connect(server):
    return HTTPConnection("127.0.0.1", server.port, timeout=5)


def test_requests_are_kept_with_method_path_headers_and_body(session):
    with ScriptedServer(HELLO) as server:
        session.post(server.url + "/api/chat?x=1", json={"model": "早"}, headers={"X-Key": "k"})

    (request,) = server.requests
    assert (request.method, request.path, request.json) == ("POST", "/api/chat?x=1", {"model": "早"})
    assert request.headers["x-key"] == "k"
    assert server.asked("/api/chat?x=1") == [{"model": "早"}]


def test_responses_come_in_turn_and_the_last_one_stays(session):
    with ScriptedServer(Response(503), Response(503), HELLO) as server:
        assert [session.get(server.url).status_code for _ in range(4)] == [503, 503, 200, 200]


def test_a_path_has_its_own_answer(session):
    numbers = count(1)
    routes = {"/a": HELLO, "POST /b": [Response(500), HELLO], "/count": lambda _: Response.of_json(next(numbers))}
    with ScriptedServer(by_path(routes)) as server:
        assert session.get(server.url + "/a?x=1").status_code == 200
        assert session.get(server.url + "/b").status_code == 404
        assert [session.post(server.url + "/b").status_code for _ in range(2)] == [500, 200]
        assert [session.get(server.url + "/count").json() for _ in range(2)] == [1, 2]


def test_one_connection_serves_many_requests(session):
    with ScriptedServer(HELLO) as server:
        for _ in range(3):
            session.get(server.url)

    assert (server.connections, len(server.requests)) == (1, 3)


def test_each_piece_is_an_http_chunk_of_its_own():
    with (
        ScriptedServer(Response.stream(PIECES)) as server,
        socket.create_connection(("127.0.0.1", server.port)) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        data = b"".join(iter(lambda: client.recv(1000), b""))

    assert data.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")


def test_pieces_come_at_their_time():
    times = []
    with ScriptedServer(Response.stream([b"a", 0.1, b"b", 0.1, b"c"])) as server:
        connection = connect(server)
        connection.request("GET", "/")
        response = connection.getresponse()
        while response.read1():
            times.append(time.monotonic())
        connection.close()

    assert times[1] - times[0] > 0.08
    assert times[2] - times[1] > 0.08


def test_the_status_line_can_be_late(session):
    with ScriptedServer(HELLO.but(delay=0.2)) as server:
        assert session.get(server.url).elapsed.total_seconds() > 0.18


@pytest.mark.parametrize(("end", "error"), [(End.CLOSE, IncompleteRead), (End.RESET, ConnectionResetError)])
def test_a_stream_is_cut(end, error):
    with ScriptedServer(Response.stream(PIECES, end=end)) as server:
        connection = connect(server)
        connection.request("GET", "/")
        response = connection.getresponse()
        assert b"".join(response.read1() for _ in PIECES) == b"onetwothree"
        with pytest.raises(error):
            response.read1()
        connection.close()


def test_a_body_is_shorter_than_announced():
    cut = HELLO.but(headers={"Content-Length": "100"}, end=End.CLOSE)
    with ScriptedServer(cut) as server:
        connection = connect(server)
        connection.request("GET", "/")
        with pytest.raises(IncompleteRead):
            connection.getresponse().read()
        connection.close()


def test_a_body_without_length_ends_with_the_connection(session):
    with ScriptedServer(HELLO.but(end=End.CLOSE)) as server:
        response = session.get(server.url)

    assert "Content-Length" not in response.headers
    assert response.json() == {"hello": "world"}


@pytest.mark.parametrize(
    "script",
    [
        Response.stream(PIECES, end=End.HANG),
        Response.stream([*PIECES, 60.0, b"late"]),
        Response.stream(Forever((b"more", 0.01))),
        Response.stream(Forever((b"x" * 65536,))),
    ],
    ids=["silent", "in a pause", "trickling", "in full flow"],
)
def test_the_server_tells_when_the_client_left(script):
    with ScriptedServer(script) as server:
        connection = connect(server)
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read1()
        assert not server.client_left.is_set()
        response.close()
        connection.close()
        assert server.client_left.wait(5)


def test_a_client_that_read_everything_did_not_leave(session):
    with ScriptedServer(Response.stream(PIECES)) as server:
        session.get(server.url)
        session.close()
        time.sleep(0.05)

    assert not server.client_left.is_set()


def test_a_connection_ends_after_so_many_requests():
    with ScriptedServer(HELLO, keep_alive=KeepAlive(requests=2)) as server:
        connection = connect(server)
        assert [ask(connection), ask(connection)] == [200, 200]
        assert connection.sock.recv(1) == b""
        connection.close()


def test_a_connection_ends_after_idle_time():
    with ScriptedServer(HELLO, keep_alive=KeepAlive(idle=0.05)) as server:
        connection = connect(server)
        ask(connection)
        assert connection.sock.recv(1) == b""
        connection.close()


@pytest.mark.parametrize(("drops_next", "error"), [(End.CLOSE, RemoteDisconnected), (End.RESET, ConnectionResetError)])
def test_a_pooled_connection_turns_out_to_be_stale(drops_next, error):
    """It looks alive until the request was sent: no check in advance can see it."""
    with ScriptedServer(HELLO, keep_alive=KeepAlive(requests=1, drops_next=drops_next)) as server:
        connection = connect(server)
        ask(connection)
        with pytest.raises(error):
            ask(connection)
        assert ask(connection) == 200  # on a new connection
        connection.close()

    assert (len(server.requests), len(server.dropped), server.connections) == (2, 1, 2)


def test_the_last_response_may_say_that_it_is_the_last(session):
    with ScriptedServer(HELLO, keep_alive=KeepAlive(requests=2, announced=True)) as server:
        said = [session.get(server.url).headers.get("Connection") for _ in range(3)]

    assert said == [None, "close", None]
    assert server.connections == 2


def test_llamacpp_ends_a_connection_after_100_requests(session):
    with ScriptedServer(HELLO, keep_alive=LLAMACPP_KEEP_ALIVE) as server:
        for _ in range(101):
            session.get(server.url)

    assert server.connections == 2


def test_a_script_that_fails_fails_the_test(session):
    with pytest.raises(ZeroDivisionError), ScriptedServer(lambda _: 1 / 0) as server:  # noqa: SIM117
        with pytest.raises(requests.ConnectionError):
            session.get(server.url)


def test_leaving_the_block_ends_what_hangs():
    begin = time.monotonic()
    with ScriptedServer(Response(delay=float("inf"))) as server:
        connection = connect(server)
        connection.request("GET", "/")
        time.sleep(0.05)

    assert time.monotonic() - begin < 2
    assert not server.client_left.is_set()
    connection.close()


def ask(connection):
    connection.request("POST", "/", body=b"{}")
    response = connection.getresponse()
    response.read()
    return response.status
