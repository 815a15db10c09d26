"""Scores that mean the same in every call, sorted before they are cut."""

import math
from dataclasses import replace

import pytest

from provider.core.reranking import Question, Ranked, Way, Wishes, rerank
from provider.core.reranking.scores import are_logits, ranked, scaled, sigmoid
from tests.core.reranking.rerank_servers import LlamaCpp, probability, raw, rerank_server, target
from tests.servers import Response

TWO = Question("q", ("one", "two"))


def answered(scores, wishes=None, way=None):
    """What becomes of these scores, in a list that is sorted by nobody."""
    question = Question("q", tuple(f"document {at}" for at in range(len(scores))))
    results = [{"index": at, "relevance_score": score} for at, score in enumerate(scores)]
    with rerank_server({"/v1/rerank": raw({"results": results})}) as server:
        known = Way(server.url, "v1", logits=way)
        ranking = rerank(target(server), question, replace(wishes or Wishes(), way=known))
    return [(each.index, round(each.score, 3)) for each in ranking]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([0.2, 0.9, 0.5], [(1, 0.9), (2, 0.5), (0, 0.2)]),
        ([0.2, 1.9, -0.5], [(1, 0.87), (0, 0.55), (2, 0.378)]),
        ([-11.0, -2.3], [(1, 0.091), (0, 0.0)]),
        ([-5000.0, 5000.0], [(1, 1.0), (0, 0.0)]),
        ([1.0004, -0.0004], [(0, 1.0), (1, 0.0)]),
    ],
)
def test_scores_lie_from_0_to_1_best_first(given, found):
    assert answered(given, way=False) == found


@pytest.mark.parametrize(
    ("mode", "given", "found"),
    [
        ("none", [-4.0, 2.0], [(1, 2.0), (0, -4.0)]),
        ("sigmoid", [0.0, 1.0], [(1, 0.731), (0, 0.5)]),
        ("sigmoid", [-4.0, 2.0], [(1, 0.881), (0, 0.018)]),
    ],
)
def test_the_scale_may_be_chosen(mode, given, found):
    assert answered(given, Wishes(scores=mode)) == found


def test_a_single_document_keeps_a_sensible_score():
    assert answered([0.4], way=True) == [(0, 0.599)]
    assert answered([0.4], way=False) == [(0, 0.4)]


def test_logits_that_look_like_probabilities_are_found_out_by_asking():
    with rerank_server({"/v1/rerank": LlamaCpp()}) as server:
        ranking = rerank(target(server, "llamacpp"), Question("q", ("relevant 0.4", "relevant 0.6")), Wishes())

    assert [round(each.score, 3) for each in ranking] == [0.646, 0.599]


def test_a_model_of_llamacpp_that_gives_probabilities_keeps_them():
    """Qwen3-Reranker does."""
    with rerank_server({"/v1/rerank": LlamaCpp(score=probability)}) as server:
        ranking = rerank(target(server, "llamacpp"), Question("q", ("relevant 2", "relevant -2")), Wishes())

    assert [round(each.score, 3) for each in ranking] == [0.881, 0.119]


def test_logits_seen_once_are_remembered():
    answers = [[3.0, -2.0], [0.4, 0.5]]

    def server_of_logits(body):
        scores = answers.pop(0)
        return Response.of_json({"results": [{"index": at, "score": score} for at, score in enumerate(scores)]})

    with rerank_server({"/v1/rerank": server_of_logits}) as server:
        wishes = Wishes(way=Way(server.url, "v1", logits=False))
        found = [[round(each.score, 3) for each in rerank(target(server), TWO, wishes)] for _ in range(2)]

    assert found == [[0.953, 0.119], [0.622, 0.599]]


@pytest.mark.parametrize("broken", [None, math.nan, math.inf, -math.inf, "NaN"])
def test_a_document_without_a_number_comes_last_with_0(broken):
    assert answered([broken, 0.2, 0.9], way=False) == [(2, 0.9), (1, 0.2), (0, 0.0)]
    assert answered([broken, -2.0], way=True) == [(1, 0.119), (0, 0.0)]
    assert answered([broken], way=True) == [(0, 0.0)]


def test_a_document_without_a_number_comes_last_on_any_scale():
    assert answered([None, -2.0], Wishes(scores="none")) == [(1, -2.0), (0, -2.0)]


@pytest.mark.parametrize(
    ("top_n", "threshold", "places"),
    [
        (None, None, [1, 2, 0, 3]),
        (1, None, [1]),
        (2, None, [1, 2]),
        (9, None, [1, 2, 0, 3]),
        (None, 0.5, [1, 2]),
        (None, 0.3, [1, 2, 0]),
        (1, 0.5, [1]),
        (2, 0.95, []),
    ],
)
def test_the_best_ones_are_kept(top_n, threshold, places):
    wishes = Wishes(top_n=top_n, threshold=threshold)

    assert [at for at, _ in answered([0.3, 0.9, 0.5, 0.1], wishes, way=False)] == places


def test_blank_documents_are_not_sent_and_come_last():
    with rerank_server({"/v1/rerank": LlamaCpp()}) as server:
        ranking = rerank(target(server, "llamacpp"), Question("q", ("", "relevant 1", " \n", "relevant 2")), Wishes())

        assert server.requests[-1].json["documents"] == ["relevant 1", "relevant 2"]
    assert [each.index for each in ranking] == [3, 1, 0, 2]
    assert ranking[-1].score == 0.0


def test_only_blank_documents_need_no_answer():
    with rerank_server({"/v1/rerank": LlamaCpp()}) as server:
        wishes = Wishes(way=Way(server.url, "llamacpp", logits=True))
        assert rerank(target(server, "llamacpp"), Question("q", ("", " ")), wishes) == [Ranked(0, 0.0), Ranked(1, 0.0)]

    assert server.requests == []


def test_equal_scores_keep_the_order_of_the_documents():
    assert [each.index for each in ranked([0.5, 0.5, 0.5], Wishes())] == [0, 1, 2]


@pytest.mark.parametrize(("scores", "found"), [([0.0, 1.0], False), ([None], False), ([], False), ([1.1], True)])
def test_what_lies_outside_0_and_1_is_a_logit(scores, found):
    assert are_logits(scores) is found


@pytest.mark.parametrize("logit", [-1e308, -745.2, -36.0, 0.0, 36.0, 745.2, 1e308])
def test_the_sigmoid_never_overflows(logit):
    assert 0 <= sigmoid(logit) <= 1
    assert scaled([logit], "sigmoid", logits=False) == [sigmoid(logit)]
