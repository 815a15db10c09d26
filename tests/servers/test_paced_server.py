import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.servers.paced_process import REPOSITORY, paced_server


@pytest.fixture(scope="module")
def server():
    with paced_server(chunks=5, pause=0, text="早 ") as server:
        yield server


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_ollama_lines_come_one_in_each_chunk(server, session):
    with session.post(server.url + "/api/chat", json={"model": "m"}, stream=True) as response:
        pieces = list(response.raw.stream())

    lines = [json.loads(piece) for piece in pieces]
    assert [line["message"]["content"] for line in lines] == ["早 "] * 5 + [""]
    assert (lines[-1]["done_reason"], lines[-1]["eval_count"]) == ("stop", 5)


def test_openai_events_come_one_in_each_chunk(server, session):
    with session.post(server.url + "/v1/chat/completions", json={"stream": True}, stream=True) as response:
        pieces = list(response.raw.stream())

    assert pieces[-1] == b"data: [DONE]\n\n"
    *texts, finish, usage = [json.loads(piece.removeprefix(b"data: ")) for piece in pieces[:-1]]
    assert [text["choices"][0]["delta"]["content"] for text in texts] == ["早 "] * 5
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert usage["usage"]["completion_tokens"] == 5


def test_an_answer_may_come_at_once(server, session):
    assert session.post(server.url + "/api/chat", json={"stream": False}).json()["message"]["content"] == "早 " * 5
    whole = session.post(server.url + "/v1/chat/completions", json={}).json()
    assert whole["choices"][0]["message"]["content"] == "早 " * 5


def test_the_model_may_name_the_pace(server, session):
    begin = time.monotonic()
    response = session.post(server.url + "/api/chat", json={"model": "4x0.05"})

    assert response.content.count(b"\n") == 5
    assert 0.15 < time.monotonic() - begin < 1


def test_metadata_is_enough_to_find_the_server(server, session):
    assert session.get(server.url + "/api/version").json() == {"version": "0.33.0"}
    assert session.get(server.url + "/v1/models").json()["data"][0]["id"] == "paced"
    assert session.get(server.url + "/props").status_code == 404


def test_everything_is_counted_but_the_questions_about_counts(server, session):
    server.stats(reset=True)
    for _ in range(3):
        session.post(server.url + "/api/chat", json={"model": "7x0"})

    stats = server.stats()
    assert (stats["connections"], stats["requests"], stats["chunks"]) == (1, 3, 21)
    assert (stats["streams_open"], stats["streams_most"]) == (0, 1)


def test_many_clients_are_served_at_the_same_time(server):
    server.stats(reset=True)
    with ThreadPoolExecutor(60) as pool:
        bodies = list(pool.map(lambda _: requests.post(server.url + "/api/chat", json={"model": "20x0.02"}), range(60)))

    assert {body.content.count(b"\n") for body in bodies} == {21}
    assert server.stats()["streams_most"] > 30


def test_a_slow_reader_holds_the_stream_back(server, session):
    server.stats(reset=True)
    with session.post(server.url + "/api/chat", json={"model": "200000x0"}, stream=True) as response:
        time.sleep(0.3)
        assert server.stats()["chunks"] < 190_000  # the socket is full
        assert response.content.count(b"\n") == 200_001


def test_a_client_that_leaves_is_forgotten(server, session):
    with session.post(server.url + "/api/chat", json={"model": "9x10"}, stream=True):
        assert server.stats()["streams_open"] == 1
    until = time.monotonic() + 5
    while server.stats()["streams_open"]:
        assert time.monotonic() < until


def test_the_process_ends_with_its_parent():
    command = [sys.executable, "-m", "tests.servers.paced", "--watch-stdin"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("READY http://127.0.0.1:")
        process.stdin.close()

        assert process.wait(5) == 0
