"""What the client tells of models and of the server itself."""

import pytest

from scripts.ollama_service import OllamaService
from tests.scripts.ollama_asking import ask, gone
from tests.servers import ReplayServer, Response, ScriptedServer, by_path


@pytest.fixture
def recorded():
    with ReplayServer("ollama") as server:
        yield server


def test_the_list_keeps_capabilities_and_where_a_model_runs():
    cloud = {
        "name": "big:cloud",
        "size": 384,
        "digest": "d",
        "remote_model": "big",
        "remote_host": "https://ollama.com:443",
    }
    local = {
        "name": "small:latest",
        "size": 5,
        "capabilities": ["tools"],
        "details": {"context_length": 4096, "new": 1},
    }
    with ScriptedServer(Response.of_json({"models": [cloud, local]})) as server:
        big, small = ask(server, OllamaService.list_models)

    assert (big.name, big.capabilities, big.remote_model, big.remote_host) == (
        "big:cloud",
        None,
        "big",
        "https://ollama.com:443",
    )
    assert (small.capabilities, small.context_length, small.raw["details"]["new"]) == (("tools",), 4096, 1)


def test_a_recorded_model_is_described(recorded):
    chat = ask(recorded, lambda ollama: ollama.show_model("tinychat"))
    embedding = ask(recorded, lambda ollama: ollama.show_model("tinyembed"))

    assert (set(chat.capabilities), chat.context_length) == ({"completion", "tools", "thinking"}, 4096)
    assert (embedding.context_length, embedding.embedding_length) == (512, 64)
    assert "model_info" in chat.raw


ODD = [None, 5, "x", [1], {"a": 1}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_what_only_plays_ollama_may_answer_in_any_shape(odd):
    entry = {"name": "a:1", "size": odd, "details": odd, "capabilities": odd, "remote_host": odd, "digest": odd}
    pages = {
        "/api/tags": [Response.of_json({"models": [odd, entry]}), Response.of_json({"models": odd})],
        "/api/show": Response.of_json({"model_info": odd, "details": odd, "capabilities": odd, "parameters": odd}),
    }
    with ScriptedServer(by_path(pages)) as server:
        some, none = ask(server, OllamaService.list_models), ask(server, OllamaService.list_models)
        shown = ask(server, lambda ollama: ollama.show_model("a:1"))

    assert [model.name for model in some] == ["a:1"]
    assert none == []
    assert (shown.context_length, shown.raw["details"]) == (None, odd)


def test_vectors_come_in_the_order_of_the_texts(recorded):
    vectors = ask(recorded, lambda ollama: ollama.embed(["hello", "world", "你好"], model="tinyembed"))

    assert [len(vector) for vector in vectors] == [64, 64, 64]
    assert vectors[0] == ask(recorded, lambda ollama: ollama.embed("hello", model="tinyembed"))[0]


def test_an_empty_text_gets_its_vector_and_no_text_asks_nothing():
    answer = {"embeddings": [[1.0], [2.0]], "prompt_eval_count": 2}
    with ScriptedServer(Response.of_json(answer)) as server:
        assert ask(server, lambda ollama: ollama.embed(["", "b"], dimensions=1, keep_alive="5m")) == [[1.0], [2.0]]
        assert ask(server, lambda ollama: ollama.embed([])) == []

    assert server.asked("/api/embed") == [{"model": "m", "input": [" ", "b"], "dimensions": 1, "keep_alive": "5m"}]


def test_health_is_true_with_the_version_or_false_with_the_reason(recorded):
    well = ask(recorded, OllamaService.health_check)
    assert (bool(well), well.version) == (True, "0.33.0-test")

    with ScriptedServer(by_path({})) as other:
        ill = ask(other, OllamaService.health_check)
    nobody = ask(gone(), OllamaService.health_check)

    assert not ill
    assert "404 page not found" in ill.error
    assert not nobody
    assert "is not reachable" in nobody.error
