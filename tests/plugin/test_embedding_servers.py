"""Saving and using an embedding model on servers that are known from their documentation, through the plugin."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from scripts.plugin_host import PluginError, PluginHost
from tests.core.embedding.embedding_servers import error, vector, well
from tests.servers import Request, Response, ScriptedServer, by_path

TYPE = "text-embedding"

type Script = Callable[[Request], Response]


def facts(form: dict[str, Any]) -> dict[str, Any]:
    return json.loads(form["detected"])["model"]


def embed(plugin: PluginHost, form: dict[str, Any], *texts: str) -> list[list[float]]:
    data = {"provider": "local_models", "model_type": TYPE, "model": "m", "credentials": form}
    return plugin.one("invoke_text_embedding", {**data, "texts": texts, "input_type": "document"})["embeddings"]


def tei(kind: str = "embedding") -> Script:
    info = {"model_id": "m", "model_type": {kind: {"pooling": "mean"}}, "max_input_length": 512, "version": "1.9.0",
            "max_client_batch_size": 32, "max_batch_tokens": 16384, "tokenization_workers": 4}  # fmt: skip

    def answer(request: Request) -> Response:
        return Response.of_json([vector(text) for text in request.json["inputs"]], X_Compute_Tokens="7")

    return by_path({"GET /info": Response.of_json(info), "POST /embed": answer})


def vllm(embeds: Script) -> Script:
    listed = {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "vllm", "max_model_len": 8192}]}
    version = Response.of_json({"version": "0.11.0"})
    return by_path({"GET /v1/models": Response.of_json(listed), "GET /version": version, "POST /v1/embeddings": embeds})


def lmstudio() -> Script:
    models = [
        {"key": "m", "type": "embedding", "max_context_length": 2048, "loaded_instances": []},
        {"key": "chats", "type": "llm", "max_context_length": 4096, "loaded_instances": []},
    ]
    routes = {"GET /api/v1/models": Response.of_json({"models": models}), "POST /v1/embeddings": lambda r: well(r.json)}
    return by_path(routes, Response.of_json({"error": "Unexpected endpoint or method."}))


def test_text_embeddings_inference(plugin: PluginHost) -> None:
    with ScriptedServer(tei()) as running:
        form = plugin.validate_model("m", {"base_url": running.url}, TYPE)

        assert embed(plugin, form, "text 1", "", "text 2") == [[1.0, 1.0, 6.0], [1.0, 0.0, 1.0], [1.0, 2.0, 6.0]]

    assert (facts(form)["flavour"], facts(form)["embedding_size"], facts(form)["context_length"]) == ("tei", 3, 512)


def test_text_embeddings_inference_with_a_rerank_model(plugin: PluginHost) -> None:
    with ScriptedServer(tei("reranker")) as running, pytest.raises(PluginError, match="m gives no vectors"):
        plugin.validate_model("m", {"base_url": running.url}, TYPE)


def test_vllm_with_an_embedding_model(plugin: PluginHost) -> None:
    with ScriptedServer(vllm(lambda request: well(request.json))) as running:
        form = plugin.validate_model("m", {"base_url": running.url}, TYPE)

        assert embed(plugin, form, "text 3")[0][1] == 3.0

    assert (facts(form)["flavour"], facts(form)["embedding_size"]) == ("vllm", 3)
    assert running.asked("/v1/embeddings")[-1]["truncate_prompt_tokens"] == 8192


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (error(400, "The model does not support Embeddings API"), "does not support Embeddings API"),
        (Response.of_json({"detail": "Not Found"}, 404), "no route /v1/embeddings"),
    ],
)
def test_vllm_with_a_chat_model(plugin: PluginHost, refusal: Response, words: str) -> None:
    with ScriptedServer(vllm(lambda _: refusal)) as running, pytest.raises(PluginError, match=words):
        plugin.validate_model("m", {"base_url": running.url}, TYPE)


def test_lm_studio_is_not_made_to_load_the_model_for_saving_it(plugin: PluginHost) -> None:
    with ScriptedServer(lmstudio()) as running:
        form = plugin.validate_model("m", {"base_url": running.url}, TYPE)
        assert running.asked("/v1/embeddings") == []

        assert embed(plugin, form, "text 4")[0][1] == 4.0


def test_a_chat_model_of_lm_studio_is_refused(plugin: PluginHost) -> None:
    with ScriptedServer(lmstudio()) as running, pytest.raises(PluginError, match=r"chats gives no vectors.*lms get"):
        plugin.validate_model("chats", {"base_url": running.url}, TYPE)
