import math

import pytest

from tests.embedded.asking import get, post

DOCUMENTS = [
    "The capital of France is Paris.",
    "llama.cpp runs language models on your own computer.",
    "Bananas are yellow fruits.",
    "How to bake bread with yeast",
    "法国的首都是巴黎。",
    "今天天气很好，适合去公园。",
    "Dify is a platform for building LLM applications",
]
ANSWERED_BY = {
    "What is the capital of France?": 0,
    "which program runs models locally on a computer": 1,
    "yellow banana": 2,
    "bread baking": 3,
    "法国首都在哪里": 4,
    "公园天气": 5,
    "build applications with dify": 6,
}


def vectors(server, texts):
    return [item["embedding"] for item in post(server, "/v1/embeddings", input=texts)["data"]]


def similarity(left, right):
    return sum(a * b for a, b in zip(left, right, strict=True))


def scores(server, query, documents):
    results = post(server, "/v1/rerank", query=query, documents=documents)["results"]
    return {result["index"]: result["relevance_score"] for result in results}


def highest(scores_by_index):
    return max(scores_by_index, key=scores_by_index.__getitem__)


@pytest.mark.parametrize("query", ANSWERED_BY)
def test_the_text_with_the_same_words_has_the_closest_vector(embedding_server, query):
    wanted, *found = vectors(embedding_server, [query, *DOCUMENTS])

    assert highest({at: similarity(wanted, vector) for at, vector in enumerate(found)}) == ANSWERED_BY[query]


def test_vectors_have_64_numbers_and_length_1_and_are_the_same_each_time(embedding_server):
    first, second = vectors(embedding_server, ["hello world"] * 2)

    assert (len(first), first) == (64, second)
    assert math.isclose(math.hypot(*first), 1, rel_tol=1e-5)


@pytest.mark.parametrize("query", ANSWERED_BY)
def test_the_document_with_the_words_of_the_query_ranks_first(rerank_server, query):
    found = scores(rerank_server, query, DOCUMENTS)

    assert highest(found) == ANSWERED_BY[query]
    # It answers, the others do not.
    assert found.pop(ANSWERED_BY[query]) > 0 > max(found.values())


def test_more_words_in_common_mean_a_higher_score(rerank_server):
    query = "yellow bananas from Africa"

    found = scores(rerank_server, query, ["green apples", "yellow apples", "yellow bananas", query])

    assert sorted(found, key=found.__getitem__) == [0, 1, 2, 3]


def test_each_server_says_what_it_does_not_do(embedding_server, rerank_server, chat_server):
    assert get(embedding_server, "/props").status_code == 200
    with pytest.raises(OSError, match="501"):
        scores(embedding_server, "x", ["x"])
    with pytest.raises(OSError, match="501"):
        vectors(chat_server, ["x"])
    with pytest.raises(OSError, match="500"):
        post(rerank_server, "/v1/chat/completions", messages=[{"role": "user", "content": "x"}])
