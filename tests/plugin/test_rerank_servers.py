"""Ranking through the real plugin process, by servers that play a part: every shape, every broken score."""

import json
from typing import Any

import pytest

from scripts.plugin_host import PluginError, PluginHost
from tests.core.reranking.rerank_servers import SERVERS, LlamaCpp, rerank_server
from tests.servers import Response, ScriptedServer, by_path
from tests.servers.faults import ollama_unknown_path


def ranked(
    plugin: PluginHost, credentials: dict[str, Any], documents: list[str], model: str = "m"
) -> list[dict[str, Any]]:
    """The documents of the answer; Dify sends 0 for what is not set."""
    data = {"query": "what helps?", "docs": documents, "score_threshold": 0.0, "top_n": 0}
    where = {"provider": "local_models", "model_type": "rerank", "model": model, "credentials": credentials}
    return plugin.one("invoke_rerank", {**where, **data})["docs"]


@pytest.mark.parametrize("program", SERVERS)
def test_every_server_gives_the_same_ranking(plugin: PluginHost, program: str) -> None:
    kind, flavour, start = SERVERS[program]
    documents = ["relevant 0.2", "relevant -4", "relevant 3"]
    with start() as server:
        facts = {"format": 1, "asked": f"{kind} {server.url}", "url": server.url, "kind": kind, "flavour": flavour}
        detected = json.dumps({**facts, "version": ""})
        form = {"base_url": server.url, "server": kind, "detected": detected, "connect_timeout": "2"}

        found = ranked(plugin, form, documents)

    assert [(document["index"], round(document["score"], 3)) for document in found] == [
        (2, 0.953),
        (0, 0.55),
        (1, 0.018),
    ]


def test_a_server_with_a_list_of_models_is_saved_and_ranks(plugin: PluginHost) -> None:
    def answer(request: Any) -> Response:
        return LlamaCpp()(request.json)

    models = Response.of_json({"object": "list", "data": [{"id": "bge", "object": "model", "owned_by": "vllm"}]})
    script = by_path({"GET /v1/models": models, "POST /v1/rerank": answer})
    with ScriptedServer(script) as server:
        credentials = plugin.validate_model("bge", {"base_url": server.url}, "rerank")
        found = ranked(plugin, credentials, ["relevant 0.1", "relevant 0.2"], model="bge")

    assert json.loads(credentials["detected_rerank"])["logits"] is True
    assert [round(document["score"], 3) for document in found] == [0.55, 0.525]


@pytest.mark.parametrize(
    ("mode", "scores"), [("auto", [0.982, 0.018]), ("sigmoid", [0.982, 0.018]), ("none", [4.0, -4.0])]
)
def test_the_scale_can_be_chosen_in_the_form(plugin: PluginHost, mode: str, scores: list[float]) -> None:
    with rerank_server({"/v1/rerank": LlamaCpp()}) as server:
        form = {"base_url": server.url, "server": "llamacpp", "rerank_scores": mode}
        found = ranked(plugin, detected_llamacpp(form), ["relevant 4", "relevant -4"])

    assert [round(document["score"], 3) for document in found] == scores


@pytest.mark.parametrize("score", ["null", "NaN", "Infinity", '"high"'])
def test_what_is_no_number_never_leaves_the_plugin(plugin: PluginHost, score: str) -> None:
    body = f'{{"results":[{{"index":0,"relevance_score":{score}}},{{"index":1,"relevance_score":0.5}}]}}'
    answer = Response(200, [body.encode()], {"Content-Type": "application/json"})
    with ScriptedServer(by_path({"POST /v1/rerank": answer}, ollama_unknown_path())) as server:
        form = detected_llamacpp({"base_url": server.url, "server": "llamacpp", "rerank_scores": "none"})
        found = ranked(plugin, form, ["a", "b"])

    assert [(document["index"], document["score"]) for document in found] == [(1, 0.5), (0, 0.0)]


def test_a_server_that_is_down_is_a_connection_error(plugin: PluginHost) -> None:
    with ScriptedServer(Response(200)) as server:
        url = server.url
    with pytest.raises(PluginError) as raised:
        ranked(plugin, detected_llamacpp({"base_url": url, "server": "llamacpp"}), ["a"])

    assert raised.value.error_type == "InvokeConnectionError"


@pytest.mark.parametrize(("field", "value"), [("rerank_scores", "min-max"), ("rerank_fallback", "llm")])
def test_an_unknown_choice_names_its_field(plugin: PluginHost, field: str, value: str) -> None:
    with pytest.raises(PluginError, match=field):
        ranked(plugin, {"base_url": "http://127.0.0.1:1", field: value}, ["a"])


def detected_llamacpp(form: dict[str, str]) -> dict[str, str]:
    """A form as Dify keeps it after it was saved."""
    url = form["base_url"]
    facts = {"format": 1, "asked": f"llamacpp {url}", "url": url, "kind": "llamacpp", "flavour": "", "version": ""}
    return {**form, "detected": json.dumps(facts), "connect_timeout": "2"}
