"""Against the real llama.cpp server."""

import math

import pytest

from provider.core import errors
from provider.core.backends import Backend, open_backend
from provider.core.embedding import EmbeddingRequest, detected, embed
from provider.core.model_info import ModelInfo
from provider.core.server import Server
from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server

TEXTS = ("The capital of France is Paris.", "Bananas are yellow fruits.", "法国的首都是巴黎。", "", "a\x00b")


def opened(server: EmbeddedServer) -> Backend:
    return open_backend(Server(server.url, "llamacpp"))


def vectors(server: EmbeddedServer, *texts: str, **asked) -> list[list[float]]:
    return embed(opened(server), EmbeddingRequest("embedding", texts, **asked)).vectors


def similarity(one: list[float], other: list[float]) -> float:
    return math.sumprod(one, other)


def test_base64_gives_the_same_vectors_as_plain_numbers(embedding_server):
    plain = vectors(embedding_server, *TEXTS, extra_body={"encoding_format": "float"})

    assert vectors(embedding_server, *TEXTS) == plain


def test_200_texts_come_back_in_their_order_as_if_each_was_asked_alone(embedding_server):
    texts = [f"number {number} of the {number % 7} days" for number in range(200)]

    together = vectors(embedding_server, *texts)

    assert len(together) == 200
    for at in range(0, 200, 40):
        assert together[at] == pytest.approx(vectors(embedding_server, texts[at])[0], abs=1e-6)


def test_the_query_is_closest_to_what_answers_it(embedding_server):
    query, *found = vectors(embedding_server, "What is the capital of France?", *TEXTS[:2])

    assert similarity(query, found[0]) > similarity(query, found[1]) + 0.1


def test_tokens_are_the_servers_count(embedding_server):
    assert embed(opened(embedding_server), EmbeddingRequest("embedding", ("hello",))).tokens == 4


@pytest.mark.parametrize("text", ["word " * 6000, "法国" * 3000, "word法" * 1500])
def test_a_text_too_long_for_the_batch_size_is_cut_to_nearly_all_it_takes(text):
    with embedded_server(EmbeddedOptions("embedding", batch_size=128)) as server:
        found = embed(opened(server), EmbeddingRequest("embedding", ("short", text, "last")))

    assert len(found.vectors) == 3
    assert 128 * 0.9 < found.tokens - 8 <= 128


def test_a_free_question_tells_whether_the_server_embeds(embedding_server, chat_server, rerank_server):
    info = ModelInfo("embedding", "llamacpp", embedding_size=64)

    assert detected(opened(embedding_server), info).embedding
    with pytest.raises(errors.Rejected, match="--embeddings"):
        detected(opened(chat_server), info)
    with pytest.raises(errors.Rejected, match="is a rerank model: add it under Rerank"):
        detected(opened(rerank_server), info)


def test_a_chat_model_started_for_embedding_gives_a_vector_for_each_token_and_is_refused():
    with embedded_server(EmbeddedOptions("chat", embedding=True)) as server:
        with pytest.raises(errors.Rejected, match="--pooling mean"):
            detected(opened(server), ModelInfo("chat", "llamacpp"))
        with pytest.raises(errors.Rejected, match="--pooling mean"):
            vectors(server, "a")
