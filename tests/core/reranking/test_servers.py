"""Every server's way to rerank, found by asking, over real sockets."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from provider.core import errors
from provider.core.reranking import Question, Ranked, Way, Wishes, find_way, rerank
from tests.core.reranking.rerank_servers import (
    SERVERS,
    LlamaCpp,
    jina,
    not_enabled,
    raw,
    rerank_server,
    target,
    tei,
    vllm,
)
from tests.servers import Response, ScriptedServer
from tests.servers.faults import (
    empty_200,
    html_502,
    llamacpp_unknown_path,
    lmstudio_unknown_path,
    loading_then,
    ollama_unknown_path,
    openai_error,
    vllm_model_missing,
    wrong_key,
)

QUESTION = Question("what helps?", ("relevant 0.2", "relevant -4", "relevant 3"))
SCORES = [(2, 0.9526), (0, 0.5498), (1, 0.018)]


def rounded(ranking: list[Ranked]) -> list[tuple[int, float]]:
    return [(each.index, round(each.score, 4)) for each in ranking]


@pytest.mark.parametrize("program", SERVERS)
def test_all_servers_give_the_same_ranking(program):
    kind, flavour, start = SERVERS[program]
    with start() as server:
        assert rounded(rerank(target(server, kind, flavour), QUESTION, Wishes())) == SCORES


@pytest.mark.parametrize("program", SERVERS)
def test_what_was_found_when_saving_is_asked_straight_away(program):
    kind, flavour, start = SERVERS[program]
    with start() as server:
        found = Way.loads(find_way(target(server, kind, flavour), Wishes()).dumps())
        before = len(server.requests)
        rerank(target(server, kind, flavour), QUESTION, Wishes(way=found))

        assert len(server.requests) == before + 1


def test_a_way_that_was_found_is_remembered_for_the_next_call():
    with rerank_server({"/rerank": tei()}) as server:
        for _ in range(3):
            rerank(target(server), QUESTION, Wishes())

    assert [request.path for request in server.requests] == [
        "/v1/rerank", "/rerank", "/rerank",  # looking for it
        "/rerank", "/rerank", "/rerank",
    ]  # fmt: skip


def test_of_many_first_callers_one_looks_for_the_way():
    with rerank_server({"/rerank": tei()}) as server, ThreadPoolExecutor(20) as pool:
        rankings = list(pool.map(lambda _: rounded(rerank(target(server), QUESTION, Wishes())), range(40)))

    assert rankings == [SCORES] * 40
    assert len(server.requests) == 40 + 3


def test_a_server_that_was_replaced_is_looked_at_again():
    with rerank_server({"/v1/rerank": jina}) as server:
        old = Way(server.url, "tei", logits=False)

        assert rounded(rerank(target(server), QUESTION, Wishes(way=old))) == SCORES


def test_what_was_found_at_another_address_counts_for_nothing():
    with rerank_server({"/v1/rerank": jina}) as server:
        rerank(target(server), QUESTION, Wishes(way=Way("http://elsewhere", "tei", logits=False)))

        assert {request.path for request in server.requests} == {"/v1/rerank"}


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"url":1,"dialect":"v1","logits":null}', "not json", '"v1"'])
def test_what_another_hand_kept_is_no_way(text):
    assert Way.loads(text) is None


def test_an_unknown_dialect_of_another_version_is_found_anew():
    with rerank_server({"/v1/rerank": jina}) as server:
        assert rounded(rerank(target(server), QUESTION, Wishes(way=Way(server.url, "v9", logits=True)))) == SCORES


def test_without_documents_nothing_is_asked():
    with rerank_server({}) as server:
        assert rerank(target(server), Question("q", ()), Wishes()) == []

    assert server.requests == []


def test_what_was_typed_as_extra_body_goes_along_but_changes_nothing_of_ours():
    with rerank_server({"/v1/rerank": jina}) as server:
        rerank(target(server), QUESTION, Wishes(extra_body={"truncate_prompt_tokens": -1, "query": "x"}))

    body = server.requests[-1].json
    assert (body["truncate_prompt_tokens"], body["query"], body["top_n"]) == (-1, "what helps?", 3)


def test_a_loading_server_is_waited_for():
    answer = LlamaCpp()({"query": "q", "documents": ["relevant 1"], "top_n": 1})
    with ScriptedServer(loading_then(answer, times=1)) as server:
        way = Way(server.url, "llamacpp", logits=True)

        assert len(rerank(target(server, "llamacpp"), Question("q", ("relevant 1",)), Wishes(way=way))) == 1


@pytest.mark.parametrize(
    ("kind", "routes", "otherwise", "words"),
    [
        ("ollama", {}, ollama_unknown_path(), "Ollama at .* has no rerank route.*--reranking.*Compare embeddings"),
        ("lmstudio", {}, lmstudio_unknown_path(), "LM Studio at .* has no rerank route.*Compare embeddings"),
        ("openai", {}, None, "has no rerank route"),
        ("llamacpp", {"/v1/rerank": not_enabled}, None, "does not support reranking. Start it with `--reranking`"),
        ("llamacpp", {}, llamacpp_unknown_path(), "llama.cpp at .* has no rerank route"),
        (
            "openai",
            {"/v1/rerank": raw(openai_error(400, "BadRequestError", "The model does not support Rerank (Score) API"))},
            None,
            r"does not support Rerank \(Score\) API.*HTTP 400",
        ),
        (
            "openai",
            {"/v1/rerank": raw(openai_error(500, "", "rpc error: code = Unimplemented desc = "))},
            None,
            r"Unimplemented.*HTTP 500.*Compare embeddings",
        ),
        ("openai", {"/v1/rerank": raw({"results": []})}, None, "an answer without scores"),
        ("openai", {"/v1/rerank": raw({"id": 1})}, None, "an answer without scores"),
        ("openai", {"/v1/rerank": raw(empty_200())}, None, "said nothing"),
    ],
)
def test_a_server_that_cannot_rerank_is_told_with_what_would_help(kind, routes, otherwise, words):
    with rerank_server(routes, otherwise) as server, pytest.raises(errors.Rejected, match=f"(?s){words}"):
        find_way(target(server, kind), Wishes())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (wrong_key(), errors.Unauthorized),
        (vllm_model_missing(), errors.ModelMissing),
        (html_502(), errors.Failed),
        (Response(307, headers={"Location": "http://127.0.0.1:1/"}), errors.BadSetting),
    ],
)
def test_other_refusals_keep_their_meaning(answer, error):
    with rerank_server({"/v1/rerank": raw(answer)}) as server, pytest.raises(error):
        find_way(target(server), Wishes())


def test_a_refusal_of_a_known_way_has_the_servers_words():
    def picky(body):
        return openai_error(400, "BadRequestError", "no swearing") if "damn" in body["query"] else vllm(body)

    with rerank_server({"/v1/rerank": picky}) as server, pytest.raises(errors.Rejected, match=r"no swearing.*HTTP 400"):
        rerank(target(server), Question("damn", ("a",)), Wishes())


def test_a_router_is_not_made_to_load_the_model_by_saving():
    unloaded = Response.of_json({"error": {"code": 400, "message": "model is not loaded", "type": "x"}}, 400)

    def router(request):
        return unloaded if "autoload=false" in request.path else LlamaCpp()(request.json)

    with ScriptedServer(router) as server:
        found = find_way(target(server, "llamacpp"), Wishes())

        assert found == Way(server.url, "llamacpp", logits=None)
        assert rounded(rerank(target(server, "llamacpp"), QUESTION, Wishes(way=found))) == SCORES
