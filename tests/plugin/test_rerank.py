"""Ranking through the real plugin process: by a real llama.cpp, and by recordings."""

import json
import math
from typing import Any

import pytest

from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server
from scripts.plugin_host import PluginError, PluginHost
from tests.servers import ReplayServer

QUERY = "yellow banana"
DOCUMENTS = ["The capital of France is Paris.", "Bananas are yellow fruits.", "A banana"]


def saved(plugin: PluginHost, url: str, model: str = "rerank", **form: str) -> dict[str, Any]:
    return plugin.validate_model(model, {"base_url": url, **form}, "rerank")


def ranked(
    plugin: PluginHost,
    credentials: dict[str, Any],
    documents: list[str] | None = None,
    model: str = "rerank",
    **call: Any,
) -> list[dict[str, Any]]:
    """The documents of the answer; Dify sends 0 for what is not set."""
    data = {"query": QUERY, "docs": DOCUMENTS if documents is None else documents, "score_threshold": 0.0, "top_n": 0}
    where = {"provider": "local_models", "model_type": "rerank", "model": model, "credentials": credentials}
    answer = plugin.one("invoke_rerank", {**where, **data, **call})
    assert answer["model"] == model
    return answer["docs"]


def places(documents: list[dict[str, Any]]) -> list[int]:
    return [document["index"] for document in documents]


# A real llama.cpp


def test_a_real_server_ranks_from_0_to_1_and_gives_our_texts(plugin: PluginHost, rerank_server: EmbeddedServer) -> None:
    found = ranked(plugin, saved(plugin, rerank_server.url))

    assert places(found)[2] == 0
    assert [round(document["score"]) for document in found] == [1, 1, 0]
    assert all(document["text"] == DOCUMENTS[document["index"]] for document in found)


def test_saving_keeps_how_the_server_ranks_and_what_it_takes(plugin: PluginHost, rerank_server: EmbeddedServer) -> None:
    credentials = saved(plugin, rerank_server.url)

    assert json.loads(credentials["detected_rerank"]) == {
        "url": rerank_server.url, "dialect": "llamacpp", "logits": True,
    }  # fmt: skip
    schema = plugin.schema("rerank", credentials, "rerank")
    assert schema
    assert (schema["model_type"], schema["model_properties"]) == ("rerank", {"context_size": 512})


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ({}, 3),
        ({"top_n": None, "score_threshold": None}, 3),
        ({"top_n": 1}, 1),
        ({"top_n": 99}, 3),
        ({"top_n": -1}, 3),
        ({"score_threshold": 0.5}, 2),
        ({"score_threshold": 0.5, "top_n": 1}, 1),
    ],
)
def test_0_means_all(plugin: PluginHost, rerank_server: EmbeddedServer, call: dict[str, Any], count: int) -> None:
    assert len(ranked(plugin, saved(plugin, rerank_server.url), **call)) == count


def test_one_document_has_the_score_it_has_among_others(plugin: PluginHost, rerank_server: EmbeddedServer) -> None:
    credentials = saved(plugin, rerank_server.url)
    among_others = {document["index"]: document["score"] for document in ranked(plugin, credentials)}

    for at, document in enumerate(DOCUMENTS):
        [alone] = ranked(plugin, credentials, [document])
        assert math.isclose(alone["score"], among_others[at], abs_tol=1e-5)


def test_auto_ranks_with_what_the_server_has(plugin: PluginHost, rerank_server: EmbeddedServer) -> None:
    credentials = plugin.validate_provider({"base_url": rerank_server.url})

    assert places(ranked(plugin, credentials, model="auto"))[2] == 0


def test_no_documents_are_no_documents(plugin: PluginHost, rerank_server: EmbeddedServer) -> None:
    assert ranked(plugin, saved(plugin, rerank_server.url), []) == []


def test_documents_longer_than_the_batch_are_cut(plugin: PluginHost, rerank_server: EmbeddedServer) -> None:
    documents = [
        f"yellow banana. {'Nothing else to see. ' * 900}",
        "bread",
        "香蕉是黄色的。" * 900,
        "",
        "bananas, yellow",
    ]

    found = ranked(plugin, saved(plugin, rerank_server.url), documents)

    assert sorted(places(found)) == [0, 1, 2, 3, 4]
    assert places(found)[-1] == 3
    assert found[0]["text"] == documents[found[0]["index"]]


def test_a_query_longer_than_the_batch_is_refused_with_the_remedy(
    plugin: PluginHost, rerank_server: EmbeddedServer
) -> None:
    with pytest.raises(PluginError, match=r"query is too long.*512 tokens.*--ubatch-size") as raised:
        ranked(plugin, saved(plugin, rerank_server.url), query="why? " * 900)

    assert raised.value.error_type == "InvokeBadRequestError"


@pytest.mark.parametrize("model", ["chat", "embedding"])
def test_a_server_without_reranking_says_how_to_start_it(plugin: PluginHost, model: str) -> None:
    with (
        embedded_server(EmbeddedOptions(model)) as server,
        pytest.raises(PluginError, match=r"does not support reranking. Start it with `--reranking`.*Compare") as raised,
    ):
        saved(plugin, server.url, model)

    assert raised.value.error_type == "CredentialsValidateFailedError"


def test_two_servers_each_rank_with_their_own_model(plugin: PluginHost, rerank_server: EmbeddedServer) -> None:
    with embedded_server(EmbeddedOptions("rerank", alias="other")) as second:
        for model in ("rerank", "other"):
            credentials = saved(plugin, f"a={rerank_server.url}, b={second.url}", model)
            assert places(ranked(plugin, credentials, model=model))[2] == 0


def test_embeddings_are_compared_where_that_was_chosen(plugin: PluginHost, embedding_server: EmbeddedServer) -> None:
    credentials = saved(plugin, embedding_server.url, "embedding", rerank_fallback="embedding")
    found = ranked(plugin, credentials, model="embedding")

    assert json.loads(credentials["detected_rerank"])["dialect"] == "embedding"
    assert places(found)[2] == 0
    assert all(0 <= document["score"] <= 1 for document in found)


def test_a_chat_server_has_no_embeddings_to_compare(plugin: PluginHost, chat_server: EmbeddedServer) -> None:
    with pytest.raises(PluginError, match="--embeddings"):
        saved(plugin, chat_server.url, "chat", rerank_fallback="embedding")


# Recordings


def test_a_recorded_llamacpp_ranks(plugin: PluginHost) -> None:
    answers = {
        "GET /v1/models": "rerank_models",
        "GET /props": "rerank_props",
        "POST /v1/rerank?autoload=false": "rerank",
        "POST /v1/rerank": "rerank",
    }
    with ReplayServer("llamacpp", answers) as server:
        found = ranked(plugin, saved(plugin, server.url, "tiny-rerank.gguf"), model="tiny-rerank.gguf")

    assert [(document["index"], round(document["score"], 4)) for document in found] == [
        (0, 0.8361),
        (1, 0.0067),
        (2, 0.0),
    ]


def test_a_recorded_llamacpp_without_reranking_is_told(plugin: PluginHost) -> None:
    refused = dict.fromkeys(["POST /v1/rerank", "POST /v1/rerank?autoload=false"], "error_rerank_not_enabled")
    with (
        ReplayServer("llamacpp", {"GET /v1/models": "models", "GET /props": "props", **refused}) as server,
        pytest.raises(PluginError, match="Start it with `--reranking`"),
    ):
        saved(plugin, server.url, "tiny-chat")


def test_ollama_has_no_rerank_and_the_message_names_the_way_out(plugin: PluginHost) -> None:
    with ReplayServer("ollama", {"POST /api/show": "show_embedding"}) as server:
        with pytest.raises(PluginError, match=r"Ollama at .* has no rerank route.*Compare embeddings") as raised:
            saved(plugin, server.url, "tinyembed")
        with pytest.raises(PluginError, match=r"has no rerank.*Compare embeddings"):
            ranked(plugin, plugin.validate_provider({"base_url": server.url}), model="auto")

    assert raised.value.error_type == "CredentialsValidateFailedError"


def test_ollamas_recorded_embeddings_are_compared_where_that_was_chosen(plugin: PluginHost) -> None:
    with ReplayServer("ollama", {"POST /api/show": "show_embedding", "POST /api/embed": "embed_batch"}) as server:
        credentials = saved(plugin, server.url, "tinyembed", rerank_fallback="embedding")
        found = ranked(plugin, credentials, ["world", "你好"], model="tinyembed", query="hello")

        assert server.asked("/api/embed")[-1]["input"] == ["hello", "world", "你好"]
    assert sorted(places(found)) == [0, 1]
    assert all(0 <= document["score"] <= 1 for document in found)


def test_auto_may_be_the_embedding_model_of_ollama(plugin: PluginHost) -> None:
    with ReplayServer("ollama", {"POST /api/show": "show_embedding", "POST /api/embed": "embed_batch"}) as server:
        credentials = saved(plugin, server.url, "auto", rerank_fallback="embedding")
        found = ranked(plugin, credentials, ["world", "你好"], model="auto", query="hello")

    assert sorted(places(found)) == [0, 1]


def test_a_chat_model_of_ollama_has_no_embeddings_to_compare(plugin: PluginHost) -> None:
    with (
        ReplayServer("ollama", {"POST /api/show": "show_chat"}) as server,
        pytest.raises(PluginError, match="no embedding model"),
    ):
        saved(plugin, server.url, "tinychat", rerank_fallback="embedding")
