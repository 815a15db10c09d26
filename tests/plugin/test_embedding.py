"""Text embedding through the real plugin process: real llama.cpp, recorded Ollama, scripted servers."""

import json
import math
import random
from collections.abc import Sequence
from typing import Any

import pytest

from provider.core.detected import Detected
from scripts.embedded.server import EmbeddedServer
from scripts.plugin_host import PluginError, PluginHost
from tests.core.embedding.embedding_servers import error, openai, server, texts, well
from tests.servers import ReplayServer, Response, ScriptedServer, by_path

TYPE = "text-embedding"
type Form = dict[str, Any]


def saved(plugin: PluginHost, url: str, model: str = "embedding", **form: str) -> Form:
    return plugin.validate_model(model, {"base_url": url, **form}, TYPE)


def unsaved(server: ScriptedServer, kind: str = "openai", flavour: str = "", **form: str) -> Form:
    """A form as Dify keeps it, without a look at the server."""
    facts = Detected(f"{kind} {server.url}", server.url, kind, flavour).dumps()
    return {"base_url": server.url, "server": kind, "detected": facts, **form}


def request(form: Form, model: str = "embedding", **more: Any) -> dict[str, Any]:
    return {"provider": "local_models", "model_type": TYPE, "model": model, "credentials": form, **more}


def embed(
    plugin: PluginHost, form: Form, texts: Sequence[str], input_type: str = "document", model: str = "embedding"
) -> dict[str, Any]:
    return plugin.one("invoke_text_embedding", request(form, model, texts=list(texts), input_type=input_type))


def facts(form: Form) -> dict[str, Any]:
    return json.loads(form["detected"])["model"]


def properties(plugin: PluginHost, form: Form) -> dict[str, Any]:
    schema = plugin.schema("embedding", form, TYPE)
    assert schema
    return schema["model_properties"]


# The real llama.cpp


def test_saving_finds_the_size_and_the_schema_offers_batches(
    plugin: PluginHost, embedding_server: EmbeddedServer
) -> None:
    form = saved(plugin, embedding_server.url)

    assert (facts(form)["embedding"], facts(form)["embedding_size"]) == (True, 64)
    assert properties(plugin, form) == {"context_size": 512, "max_chunks": 32}


def test_200_texts_empty_ones_among_them_come_back_in_their_places(
    plugin: PluginHost, embedding_server: EmbeddedServer
) -> None:
    form = saved(plugin, embedding_server.url)
    given = [f"number {at}" if at % 10 else "" for at in range(200)]

    found = embed(plugin, form, given)

    vectors = found["embeddings"]
    assert found["model"] == "embedding"
    assert [len(each) for each in vectors] == [64] * 200
    assert all(math.isclose(math.hypot(*each), 1, rel_tol=1e-5) for each in vectors)
    assert vectors[137] == pytest.approx(embed(plugin, form, [given[137]])["embeddings"][0], abs=1e-6)
    assert vectors[0] == vectors[10] != vectors[1]
    assert found["usage"]["tokens"] == found["usage"]["total_tokens"] > 400
    assert 0 < found["usage"]["latency"] < 60


def test_a_text_longer_than_the_server_takes_is_cut_and_the_others_are_not(
    plugin: PluginHost, embedding_server: EmbeddedServer
) -> None:
    form = saved(plugin, embedding_server.url)

    vectors = embed(plugin, form, ["hello", "word " * 6000, "hello"])["embeddings"]

    assert vectors[0] == vectors[2] == pytest.approx(embed(plugin, form, ["hello"])["embeddings"][0], abs=1e-6)


def test_dimensions_are_cut_to_vectors_of_length_1_where_llamacpp_cannot(
    plugin: PluginHost, embedding_server: EmbeddedServer
) -> None:
    form = saved(plugin, embedding_server.url, dimensions="16")

    (found,) = embed(plugin, form, ["hello"])["embeddings"]

    assert len(found) == 16
    assert math.isclose(math.hypot(*found), 1, rel_tol=1e-6)


def test_auto_uses_the_model_the_server_has(plugin: PluginHost, embedding_server: EmbeddedServer) -> None:
    form = plugin.validate_provider({"base_url": embedding_server.url})

    assert len(embed(plugin, form, ["hello"], model="auto")["embeddings"][0]) == 64


def test_a_chat_server_and_a_rerank_server_are_refused_with_what_to_do(
    plugin: PluginHost, chat_server: EmbeddedServer, rerank_server: EmbeddedServer
) -> None:
    with pytest.raises(PluginError, match=r"^CredentialsValidateFailedError: .*Start llama-server with --embeddings"):
        saved(plugin, chat_server.url, "chat")
    with pytest.raises(PluginError, match="add it under Rerank"):
        saved(plugin, rerank_server.url, "rerank")


def test_of_several_servers_the_one_that_has_the_model_embeds(
    plugin: PluginHost, chat_server: EmbeddedServer, embedding_server: EmbeddedServer
) -> None:
    form = saved(plugin, f"talks={chat_server.url}, embeds={embedding_server.url}")

    assert len(embed(plugin, form, ["hello"])["embeddings"][0]) == 64


# Recordings of Ollama


@pytest.fixture
def ollama():
    answers = {"POST /api/show": "show_embedding", "POST /api/embed": "embed_batch"}
    with ReplayServer("ollama", answers) as running:
        yield running


def test_saving_an_ollama_model_asks_for_metadata_only(plugin: PluginHost, ollama: ReplayServer) -> None:
    form = saved(plugin, ollama.url, "tinyembed")

    assert (facts(form)["embedding_size"], facts(form)["context_length"]) == (64, 512)
    assert "/api/embed" not in {asked.path for asked in ollama.requests}


def test_ollama_is_asked_once_for_all_texts(plugin: PluginHost, ollama: ReplayServer) -> None:
    form = saved(plugin, ollama.url, "tinyembed", keep_alive="1h")

    found = embed(plugin, form, ["hello", "world", "你好"], model="tinyembed")

    (body,) = ollama.asked("/api/embed")
    assert body["input"] == ["hello", "world", "你好"]
    assert (body["options"], body["keep_alive"], body["truncate"]) == ({"num_ctx": 512}, "1h", True)
    assert (len(found["embeddings"]), found["usage"]["tokens"]) == (3, 12)


def test_a_chat_model_of_ollama_is_refused_with_the_command_that_helps(
    plugin: PluginHost, ollama: ReplayServer
) -> None:
    del ollama.answers["POST /api/show"]

    with pytest.raises(PluginError, match="ollama pull nomic-embed-text"):
        saved(plugin, ollama.url, "tinychat")


def test_auto_picks_the_embedding_model_of_several(plugin: PluginHost) -> None:
    def show(request):
        able = "embedding" if request.json["model"] == "vectors:latest" else "completion"
        return Response.of_json({"capabilities": [able], "model_info": {}})

    answers = {
        "GET /api/version": Response.of_json({"version": "0.33.0"}),
        "GET /api/tags": Response.of_json({"models": [{"name": "chat:latest"}, {"name": "vectors:latest"}]}),
        "GET /api/ps": Response.of_json({"models": [{"name": "chat:latest", "context_length": 4096}]}),
        "POST /api/show": show,
        "POST /api/embed": Response.of_json({"embeddings": [[0.6, 0.8]]}),
    }
    with ScriptedServer(by_path(answers)) as running:
        form = plugin.validate_provider({"base_url": running.url})
        found = embed(plugin, form, ["hello"], model="auto")

    assert found["embeddings"] == [[0.6, 0.8]]
    assert [body["model"] for body in running.asked("/api/embed")] == ["vectors:latest"]


# What the form says


def test_queries_and_documents_get_their_prefixes(plugin: PluginHost) -> None:
    with server(well) as running:
        form = unsaved(running, query_prefix="search_query: ", document_prefix=r"Document:\n")
        embed(plugin, form, ["one", ""], "query")
        embed(plugin, form, ["one", ""], "document")

    assert [body["input"] for body in running.asked("/v1/embeddings")] == [
        ["search_query: one", " "],
        ["Document:\none", " "],
    ]


@pytest.mark.parametrize(
    ("size", "typed", "chunks"),
    [
        (768, "", 32),
        (768, "8", 8),
        (768, "100", 100),
        (4096, "100", 72),
        (None, "", 32),
        (None, "100", 32),
        (400_000, "", 1),
    ],
)
def test_the_schema_never_offers_more_than_fits_into_one_line(
    plugin: PluginHost, size: int | None, typed: str, chunks: int
) -> None:
    model = {"name": "embedding", "kind": "openai", "embedding_size": size}
    kept = {"format": 1, "asked": "openai http://x", "url": "http://x", "kind": "openai", "flavour": "", "version": ""}
    form = {
        "base_url": "http://x",
        "server": "openai",
        "batch_size": typed,
        "detected": json.dumps({**kept, "model": model}),
    }

    assert properties(plugin, form)["max_chunks"] == chunks


def test_as_many_vectors_as_the_schema_offers_do_fit(plugin: PluginHost) -> None:
    unit = random.Random(7)
    wide = [unit.gauss(0, 4096**-0.5) for _ in range(4096)]

    with server(lambda body: openai([wide] * len(body["input"]))) as running:
        form = unsaved(running, batch_size="100")
        found = embed(plugin, form, texts(72))

        with pytest.raises(PluginError, match="at most 72 texts"):
            embed(plugin, form, texts(73))

    assert len(found["embeddings"]) == 72


@pytest.mark.parametrize("field", ["batch_size", "dimensions"])
@pytest.mark.parametrize("typed", ["0", "many", "1.5"])
def test_a_number_that_cannot_be_meant_is_told_by_its_field(plugin: PluginHost, field: str, typed: str) -> None:
    with pytest.raises(PluginError, match=f"{field} must be a whole number"):
        saved(plugin, "http://127.0.0.1:9", **{field: typed})


def test_a_schema_is_there_even_for_a_form_that_cannot_be_meant(plugin: PluginHost) -> None:
    assert properties(plugin, {"base_url": "", "batch_size": "many"}) == {"context_size": 512, "max_chunks": 32}


def test_more_dimensions_than_the_model_has_are_refused_when_the_form_is_saved(
    plugin: PluginHost, embedding_server: EmbeddedServer
) -> None:
    with pytest.raises(PluginError, match="type at most 64"):
        saved(plugin, embedding_server.url, dimensions="65")


# Failures, in Dify's words


@pytest.mark.parametrize(
    ("response", "type_", "words"),
    [
        (error(401, "Invalid API Key"), "InvokeAuthorizationError", "Check the API key"),
        (error(400, "no"), "InvokeBadRequestError", "“no”"),
        (error(404, "The model `embedding` does not exist"), "InvokeBadRequestError", "does not exist"),
        (error(500, "boom"), "InvokeServerUnavailableError", "boom"),
        (openai([[0.5, None]]), "InvokeServerUnavailableError", "NaN"),
        (openai([]), "InvokeServerUnavailableError", "0 vectors for 1 text"),
    ],
)
def test_a_failure_has_the_right_class_and_the_servers_words(
    plugin: PluginHost, response: Response, type_: str, words: str
) -> None:
    with server(lambda _: response) as running, pytest.raises(PluginError, match=words) as raised:
        embed(plugin, unsaved(running), ["a"])

    assert raised.value.error_type == type_


def test_a_server_that_is_not_there_is_a_connection_error(plugin: PluginHost) -> None:
    with server(well) as running:
        form = unsaved(running, connect_timeout="1")

    with pytest.raises(PluginError) as raised:
        embed(plugin, form, ["a"])

    assert raised.value.error_type == "InvokeConnectionError"


# Other calls


def test_tokens_are_counted_without_a_server(plugin: PluginHost) -> None:
    data = request({"base_url": "http://127.0.0.1:9"}, texts=["hello world", "", "你好"])

    assert plugin.one("get_text_embedding_num_tokens", data)["num_tokens"] == [2, 0, 2]


def test_nothing_to_embed_gives_nothing(plugin: PluginHost) -> None:
    assert embed(plugin, {"base_url": "http://127.0.0.1:9"}, [])["embeddings"] == []
