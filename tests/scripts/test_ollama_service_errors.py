"""What the client says when Ollama refuses, breaks off or is not there, and how often it asks."""

import asyncio
import socket

import pytest

from provider.core.chat import Text
from provider.core.errors import BrokenStream, ModelMissing, ServerError, Unreachable
from scripts.ollama_service import (
    OllamaConnectionError,
    OllamaModelNotFoundError,
    OllamaService,
    OllamaServiceError,
    OllamaStreamError,
)
from tests.scripts.ollama_asking import all_of, ask, gone
from tests.servers import End, KeepAlive, ReplayServer, Response, ScriptedServer
from tests.servers.bodies import ndjson, ollama_line, ollama_stream
from tests.servers.faults import forbidden, html_502, nested_500, ollama_busy, ollama_unknown_path

QUESTION = [{"role": "user", "content": "hi"}]
GOOD = Response.ndjson(ollama_stream("ok"))
TAGS = Response.of_json({"models": []})


def chat(ollama):
    return ollama.chat(QUESTION)


def failure_of(server, use=chat, **settings):
    with pytest.raises(OllamaServiceError) as raised:
        ask(server, use, **settings)
    return raised.value


@pytest.mark.parametrize(
    ("recording", "status", "words"),
    [
        ("error_model_missing_stream", 404, "Get it: python -m scripts pull m"),
        ("error_think_unsupported", 400, "does not support thinking"),
        ("error_chat_on_embedding_model", 400, "does not support chat"),
        ("error_image_bad_base64", 400, "illegal base64"),
        ("error_keep_alive_string", 400, "missing unit in duration"),
        ("error_option_type", 500, "must be of type array"),
        ("error_forbidden_origin", 403, "use an IP address"),
        ("error_unknown_path", 404, "The path of the address is wrong"),
        ("error_wrong_method", 405, "405 method not allowed"),
        ("context_overflow_long_last_message", 400, "exceeds the available context size"),
        ("embed_on_chat_model", 501, "choose an embedding model"),
    ],
)
def test_a_recorded_refusal_keeps_its_words_and_status(recording, status, words):
    with ReplayServer("ollama", {"/api/chat": recording}) as server:
        error = failure_of(server)
        assert server.url in str(error)

    assert (error.status, len(server.requests)) == (status, 1)
    assert words in str(error)
    assert isinstance(error, OllamaModelNotFoundError) == (recording == "error_model_missing_stream")


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (html_502(), "a web page titled “502 bad gateway”"),
        (nested_500(), "image input is not supported"),
        (forbidden(), "use an IP address"),
        (ollama_unknown_path(), "The path of the address is wrong"),
        (Response.of_text("", 307).but(headers={"Location": "https://there/"}), "redirects to https://there/"),
        (Response.of_text("Welcome!"), "not like Ollama"),
        (Response.of_json([1]), "not like Ollama"),
        (Response.of_text(""), "not like Ollama"),
    ],
)
def test_an_answer_that_is_no_list_of_models_is_told_as_what_it_is(response, words):
    with ScriptedServer(response) as server:
        assert words in str(failure_of(server, OllamaService.list_models))

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("error", "word"),
    [(OllamaConnectionError, Unreachable), (OllamaModelNotFoundError, ModelMissing), (OllamaStreamError, BrokenStream)],
)
def test_errors_are_caught_by_this_clients_names_and_by_the_plugins(error, word):
    assert issubclass(error, OllamaServiceError)
    assert issubclass(error, word)
    assert issubclass(OllamaServiceError, ServerError)


# In the middle of an answer


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("llama-server chat error: map[code:503 message:boom]", 503, "boom"),
        ('{"error": {"code": 500, "message": "the GPU is gone", "type": "server_error"}}', 500, "the GPU is gone"),
        ("model runner has unexpectedly stopped", 500, "unexpectedly stopped"),
    ],
)
def test_an_error_line_is_raised_with_its_status_after_what_came_before_it(error, status, words):
    seen = []

    async def stream(ollama):
        await all_of(await ollama.chat(QUESTION, stream=True), seen)

    with ScriptedServer(Response.ndjson([ollama_line("Hel"), ollama_line("lo"), ndjson({"error": error})])) as server:
        raised = failure_of(server, stream)

    assert seen == [Text("Hel"), Text("lo")]
    assert (raised.status, len(server.requests)) == (status, 1)
    assert words in str(raised)


@pytest.mark.parametrize("end", [End.PROPER, End.CLOSE, End.RESET])
@pytest.mark.parametrize("lines", [0, 1, 2])
def test_an_answer_without_its_end_is_raised_and_not_asked_again(lines, end):
    with ScriptedServer(Response.ndjson([ollama_line("hi")] * lines, end)) as server:
        error = failure_of(server)

    assert isinstance(error, OllamaStreamError)
    assert not isinstance(error, OllamaConnectionError)
    assert len(server.requests) == 1


def test_an_answer_cut_after_its_last_line_is_whole():
    with ScriptedServer(GOOD.but(end=End.CLOSE)) as server:
        assert ask(server, chat).text == "ok"


def test_silence_in_the_middle_of_an_answer_is_told_and_not_asked_again():
    with ScriptedServer(Response.ndjson([ollama_line("hi")], End.HANG)) as server:
        error = failure_of(server, timeout=0.1)

    assert isinstance(error, OllamaStreamError)
    assert "fell silent" in str(error)
    assert len(server.requests) == 1


def test_what_is_no_json_in_a_stream_is_told():
    with ScriptedServer(Response.ndjson([ollama_line("hi"), b"<html>gateway</html>\n"])) as server:
        assert "not JSON: <html>gateway" in str(failure_of(server))


# Trying again


def test_nobody_there_is_asked_three_times_with_growing_pauses():
    waits = []

    async def wait(seconds):
        waits.append(seconds)

    error = failure_of(gone(), sleep=wait)

    assert isinstance(error, OllamaConnectionError)
    assert "Connect call failed" in str(error)
    assert waits == [1, 2]


def test_a_server_that_comes_up_meanwhile_answers():
    address = gone()
    with ScriptedServer(TAGS) as server:
        server._listener.close()

        async def start(_seconds):
            server._listener = socket.create_server(("127.0.0.1", int(address.url.rpartition(":")[2])))
            server._spawn(server._accept)

        assert ask(address, OllamaService.list_models, sleep=start) == []


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_connection_that_ends_without_a_word_is_tried_three_times(end):
    with ScriptedServer(GOOD, keep_alive=KeepAlive(requests=0, drops_next=end)) as server:
        error = failure_of(server)

    assert isinstance(error, OllamaConnectionError)
    assert len(server.dropped) == 3


def test_a_server_that_is_too_slow_is_tried_three_times():
    with ScriptedServer(GOOD.but(delay=5)) as server:
        error = failure_of(server, timeout=0.1)

    assert isinstance(error, OllamaConnectionError)
    assert "did not answer within 0.1 s" in str(error)
    assert len(server.requests) == 3


def test_a_connection_that_went_stale_costs_one_more_try():
    with ScriptedServer(TAGS, keep_alive=KeepAlive(requests=1, drops_next=End.CLOSE)) as server:

        async def twice(ollama):
            return [await ollama.list_models() for _ in range(2)]

        assert ask(server, twice) == [[], []]

    assert (len(server.requests), len(server.dropped)) == (2, 1)


@pytest.mark.parametrize("response", [ollama_busy(), html_502(), Response.of_json({"error": "boom"}, 500)])
def test_an_answer_with_an_error_status_is_no_reason_to_ask_again(response):
    with ScriptedServer(response) as server:
        failure_of(server)

    assert len(server.requests) == 1


def test_cancelling_ends_the_request():
    async def cancelled(ollama):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ollama.chat(QUESTION)

    with ScriptedServer(Response.ndjson([ollama_line("hi")], End.HANG)) as server:
        ask(server, cancelled)
        assert server.client_left.wait(2)


def test_streams_that_nobody_reads_are_named_as_the_reason_for_waiting():
    async def one_too_many(ollama):
        async with await ollama.chat(QUESTION, stream=True):
            await ollama.list_models()

    with ScriptedServer(Response.ndjson([ollama_line("hi")], End.HANG)) as server:
        error = failure_of(server, one_too_many, max_connections=1, timeout=0.1)

    assert "all 1 connections" in str(error)
    assert not isinstance(error, OllamaConnectionError)
