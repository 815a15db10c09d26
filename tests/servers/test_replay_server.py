import json
from http.client import HTTPConnection, IncompleteRead

import pytest
import requests

from tests.servers import Delivery, End, ReplayServer
from tests.servers.replay import recordings

OLLAMA = recordings("ollama")


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def encoded(body):
    return body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()


@pytest.mark.parametrize("folder", ["ollama", "llamacpp"])
def test_the_recorded_request_gets_the_recorded_answer(folder, session):
    """Where a question was recorded more than once, of servers in different states, it is one of the answers."""
    known = recordings(folder).values()
    with ReplayServer(folder) as server:
        for recording in known:
            method, path, body = question(recording)
            response = session.request(method, server.url + path, data=encoded(body))
            assert response.content in [each.body for each in known if question(each) == question(recording)]


def question(recording):
    return [recording.request[key] for key in ("method", "path", "body")]


@pytest.mark.parametrize("name", ["chat_thinking_stream", "show_chat", "error_unknown_path", "copy"])
def test_status_headers_and_bytes_are_the_recorded_ones(name, session):
    recording = OLLAMA[name]
    with ReplayServer("ollama", {"/": name}) as server:
        response = session.get(server.url + "/")

    assert (response.status_code, response.content) == (recording.status, recording.body)
    assert response.headers.get("Content-Type") == recording.headers.get("content-type")


def test_a_test_may_name_the_recording_for_a_path(session):
    with ReplayServer("ollama", {"POST /api/chat": "chat_tools_stream"}) as server:
        assert session.post(server.url + "/api/chat", json={}).content == OLLAMA["chat_tools_stream"].body
        server.answers["POST /api/chat"] = "chat_stop_stream"
        assert session.post(server.url + "/api/chat", json={}).content == OLLAMA["chat_stop_stream"].body


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/api/show", {"model": "tinychat"}, "show_chat"),
        ("/api/show", {"model": "tinyembed", "verbose": True}, "show_embedding"),
        ("/api/show", {"model": "never-heard-of"}, "show_missing"),
        ("/api/embed", {"model": "tinyembed", "input": ["unseen"], "keep_alive": 5}, None),
        ("/api/nothing-at-all", {}, "error_unknown_path"),
    ],
)
def test_a_request_that_was_not_recorded_gets_the_likeliest_answer(session, path, body, name):
    with ReplayServer("ollama") as server:
        response = session.post(server.url + path, json=body)

    if name:
        assert response.content == OLLAMA[name].body
    else:
        assert response.status_code == 200


def test_the_pieces_are_those_the_recorder_read():
    recording = OLLAMA["chat_thinking_stream"]
    assert reads(Delivery(pause=0.003)) == recording.reads


@pytest.mark.parametrize(("pieces", "expected"), [(500, [500, 500, 500, 18]), ([1, 2], [1, 2, 1515])])
def test_the_pieces_are_those_the_test_wants(pieces, expected):
    assert reads(Delivery(pieces=pieces, pause=0.003)) == expected


@pytest.mark.parametrize(("end", "error"), [(End.CLOSE, IncompleteRead), (End.RESET, ConnectionResetError)])
@pytest.mark.parametrize("name", ["chat_thinking_stream", "show_chat"])
def test_a_recording_is_cut_where_the_test_says(name, end, error):
    with ReplayServer("ollama", {"/": name}, Delivery(cut_after=200, end=end)) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/")
        response = connection.getresponse()
        assert response.read(200) == OLLAMA[name].body[:200]
        with pytest.raises(error):
            response.read()
        connection.close()


def reads(delivery):
    with ReplayServer("ollama", {"/": "chat_thinking_stream"}, delivery) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/")
        response = connection.getresponse()
        sizes = [len(piece) for piece in iter(response.read1, b"")]
        connection.close()
    return sizes
