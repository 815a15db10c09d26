"""What rerank routes answer, in every shape seen, and broken in every way."""

import json
import math

import pytest

from provider.core.wire.failure import Refusal
from provider.core.wire.rerank import read_scores
from tests.servers.replay import recordings

RECORDED = recordings("llamacpp")
DOCUMENTS = ("first", "second")
BOTH = [0.1, 0.9]


@pytest.mark.parametrize(
    "answer",
    [
        {"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]},
        {"results": [{"index": "1", "relevance_score": 0.9}, {"index": 0.0, "relevance_score": 0.1}]},
        {"results": [{"index": 0, "relevance_score": 0.1, "document": "x"}, {"index": 1, "relevance_score": 0.9, "document": {"text": "x"}}]},
        {"data": [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}]},
        {"object": "list", "data": [{"index": 0, "score": 0.1, "object": "score"}, {"index": 1, "score": 0.9}]},
        [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}],
        [{"index": 1, "score": 0.9, "text": "second"}, {"index": 0, "score": 0.1, "text": "first"}],
        {"results": [{"document": {"text": "second"}, "relevance_score": 0.9}, {"document": {"text": "first"}, "relevance_score": 0.1}]},
        {"results": [{"document": "second", "relevance_score": 0.9}, {"document": "first", "relevance_score": 0.1}]},
        {"results": [{"relevance_score": 0.1}, {"relevance_score": 0.9}]},
        {"scores": [0.1, 0.9]},
        [0.1, 0.9],
        {"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}, {"index": 2, "relevance_score": 5}, {"index": -1, "relevance_score": 5}]},
        {"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}, {"index": 1, "relevance_score": 0.2}]},
        {"results": [{"index": 1, "relevance_score": "0.9"}, {"index": 0, "relevance_score": "1e-1"}]},
        {"error": None, "results": [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}]},
    ],
    ids=range(16),
)  # fmt: skip
def test_every_shape_gives_the_scores_in_our_order(answer):
    assert read_scores(answer, DOCUMENTS) == BOTH


@pytest.mark.parametrize(
    "score", [None, math.nan, math.inf, -math.inf, True, "high", [0.5], {"value": 1}, 10**400, "NaN"]
)
def test_what_is_no_number_is_no_score(score):
    answer = {"results": [{"index": 0, "relevance_score": score}, {"index": 1, "relevance_score": 0.9}]}

    assert read_scores(answer, DOCUMENTS) == [None, 0.9]


def test_json_that_says_nan_is_no_score():
    answer = json.loads('{"results":[{"index":0,"relevance_score":NaN},{"index":1,"relevance_score":-Infinity}]}')

    assert read_scores(answer, DOCUMENTS) == [None, None]


@pytest.mark.parametrize("item", [{}, {"index": 0}, {"score": 1}, None, "x", {"index": None, "score": None}])
def test_half_an_entry_leaves_a_document_without_a_score(item):
    answer = {"results": [item, {"index": 1, "score": 0.9}, {"index": 7, "score": 0.9}]}

    assert read_scores(answer, DOCUMENTS) == [None, 0.9]


def test_equal_documents_without_an_index_get_one_score_each():
    answer = {"results": [{"document": "same", "score": 0.9}, {"document": "same", "score": 0.9}]}

    assert read_scores(answer, ("same", "same")) == [0.9, 0.9]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "Unexpected endpoint or method. (POST /v1/rerank)"}, "Unexpected endpoint"),
        ({"error": {"message": "no reranker", "code": 500}}, "no reranker"),
        ({"object": "error", "message": "old vLLM", "code": 400}, "old vLLM"),
        ({"results": []}, "without scores"),
        ({"results": None}, "without scores"),
        ({"model": "m"}, "without scores"),
        ([], "without scores"),
        ("text", "without scores"),
        (17, "without scores"),
    ],
)
def test_an_answer_that_ranks_nothing_is_a_refusal(answer, words):
    with pytest.raises(Refusal, match=words) as raised:
        read_scores(answer, DOCUMENTS)

    assert raised.value.failure.status is not None


@pytest.mark.parametrize("name", ["rerank", "rerank_all"])
def test_recorded_answers_are_read_whole(name):
    recorded = RECORDED[name]
    documents = recorded.request["body"]["documents"]

    scores = read_scores(json.loads(recorded.body), documents)

    asked = recorded.request["body"].get("top_n", len(documents))
    assert sum(score is not None for score in scores) == asked
    assert max(score for score in scores if score is not None) == scores[0]
