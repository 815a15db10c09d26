"""Texts that are longer than a model takes."""

import pytest

from provider.core import errors
from provider.core.embedding.shortening import cut
from tests.core.embedding.embedding_servers import but, embedded, error, inputs, server, well
from tests.servers import Response, ScriptedServer, by_path, faults

LIMIT = 100  # tokens; a word is one
LONG = "word " * 450


def words(text: str) -> int:
    return len(text.split())


def longest(body) -> int:
    return max(map(words, body["input"]))


OVERFLOWS = {
    "llama.cpp": lambda given: error(500, f"input ({given} tokens) is too large to process. increase the physical batch size (current batch size: {LIMIT})"),
    "llama.cpp context": lambda given: faults.context_overflow(given, LIMIT),
    "vllm": lambda given: error(400, f"This model's maximum context length is {LIMIT} tokens. However, you requested {given} tokens in the input for embedding generation."),
    "vllm today": lambda given: error(400, f"This model's maximum context length is {LIMIT} tokens. However, your request has {given} input tokens."),
    "tei": lambda given: Response.of_json({"error": f"`inputs` must have less than {LIMIT} tokens. Given: {given}", "error_type": "validation"}, 422),
    "lm studio": lambda given: Response.of_json({"error": f"Input does not fit in context length. The input has {given} tokens, but the context length only supports {LIMIT}"}, 400),
    "ollama": lambda _: Response.of_json({"error": "the input length exceeds the context length"}, 400),
    "gateway": lambda _: Response(413),
}  # fmt: skip


@pytest.mark.parametrize("overflow", OVERFLOWS)
def test_a_text_that_is_too_long_is_cut_by_the_numbers_of_the_refusal_or_by_half(overflow):
    def refuses(body):
        return OVERFLOWS[overflow](longest(body)) if longest(body) > LIMIT else None

    with server(but(refuses)) as running:
        found = embedded(running, ["text 1", LONG, "text 2"])

    sent = [text for request in running.requests for text in inputs(request) if text.startswith("word")]
    assert [vector[1] for vector in found.vectors] == [1, 0, 2]
    assert LIMIT / 2 < words(sent[-1]) <= LIMIT


def llamacpp(requests_limit: int = LIMIT) -> ScriptedServer:
    """Counts a token for each word, and takes `requests_limit` of them."""
    overflow = OVERFLOWS["llama.cpp"]

    def embeddings(request):
        given = longest(request.json)
        return overflow(given) if given > requests_limit else well(request.json)

    def tokenize(request):
        return Response.of_json({"tokens": [1] * words(request.json["content"])})

    return ScriptedServer(by_path({"/v1/embeddings": embeddings, "/tokenize": tokenize}))


def test_llamacpp_counts_and_the_batch_stays_whole():
    with llamacpp() as running:
        embedded(running, ["text 1", LONG, "text 2"], "llamacpp")

    asked = running.asked("/v1/embeddings")
    assert [len(body["input"]) for body in asked] == [3, 3]
    assert LIMIT * 0.8 < longest(asked[-1]) <= LIMIT


def test_a_limit_that_was_met_once_is_kept_so_that_nothing_is_refused_again():
    with llamacpp() as running:
        embedded(running, [LONG], "llamacpp")
        running.requests.clear()
        embedded(running, ["short", LONG], "llamacpp")

    assert len(running.asked("/v1/embeddings")) == 1
    assert "short" not in [body["content"] for body in running.asked("/tokenize")]


def test_a_short_text_that_breaks_the_server_is_not_cut():
    with server(lambda _: error(500, "broken")) as running, pytest.raises(errors.Failed, match="broken"):
        embedded(running, ["a short text"])

    assert {tuple(inputs(request)) for request in running.requests} == {("a short text",)}


def test_a_server_that_breaks_at_long_texts_without_saying_why_gets_less():
    with server(but(lambda body: error(500, "oops") if longest(body) > 400 else None)) as running:
        embedded(running, ["word " * 3000], context_length=400)

    assert longest(running.requests[-1].json) <= 400


def test_cutting_ends_when_the_server_never_agrees():
    with (
        server(lambda _: OVERFLOWS["vllm"](10_000)) as running,
        pytest.raises(errors.ContextOverflow, match="maximum context length"),
    ):
        embedded(running, [LONG * 10])

    assert len(running.requests) < 12


@pytest.mark.parametrize("text", ["word " * 500, "字" * 700, "a" * 50 + "字" * 700, "字" * 700 + " a" * 2000])
def test_cut_gives_a_beginning_that_counts_at_most_the_limit_and_wastes_little(text):
    def tokens(text: str) -> int:
        return sum(3 if sign == "字" else 1 for sign in text)

    shorter = cut(text, 512, tokens)

    assert text.startswith(shorter)
    assert 512 * 0.8 < tokens(shorter) <= 512


def test_a_text_that_fits_by_its_bytes_is_not_counted():
    assert cut("short", 512, lambda _: pytest.fail("counted")) == "short"
