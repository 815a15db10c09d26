"""Documents that are too long or too many for the server."""

import pytest

from provider.core import errors
from provider.core.reranking import Question, Way, Wishes, rerank
from tests.core.reranking.rerank_servers import LlamaCpp, raw, rerank_server, target, tei, vllm
from tests.servers.faults import openai_error

LONG = "word " * 400
PROSE = "Bananas are yellow fruits, 香蕉是黄色的水果; übrigens auch nahrhaft! " * 30


def known(server, dialect="llamacpp"):
    return Wishes(way=Way(server.url, dialect, logits=True))


@pytest.mark.parametrize("batch", [100, 512, 1500])
@pytest.mark.parametrize("filler", [LONG, PROSE, "x" * 3000, "香蕉" * 900])
def test_a_long_document_is_cut_to_what_the_server_counted(batch, filler):
    with rerank_server({"/v1/rerank": LlamaCpp(batch)}) as server:
        question = Question("q", (f"relevant 2 {filler}", "relevant 1", f"relevant 3 {filler}"))
        ranking = rerank(target(server, "llamacpp"), question, known(server))

        assert [each.index for each in ranking] == [2, 0, 1]
        assert len(server.requests) <= 5
        sent = server.requests[-1].json["documents"]
    assert sent[1] == "relevant 1"
    assert all(document.startswith(text) for document, text in zip(question.documents, sent, strict=True))
    assert batch / 2 < max(map(len, sent)) <= batch


def test_what_was_learned_is_remembered():
    with rerank_server({"/v1/rerank": LlamaCpp(200)}) as server:
        for _ in range(2):
            rerank(target(server, "llamacpp"), Question("q", (f"relevant 1 {LONG}", "relevant 2")), known(server))
        before = len(server.requests)
        rerank(target(server, "llamacpp"), Question("q", (f"relevant 3 {LONG}",)), known(server))

        assert len(server.requests) == before + 1


@pytest.mark.parametrize("documents", [("relevant 1",), ("relevant 1", LONG)])
def test_a_query_that_is_too_long_is_refused_with_the_remedy(documents):
    with (
        rerank_server({"/v1/rerank": LlamaCpp(200)}) as server,
        pytest.raises(errors.ContextOverflow, match=r"query is too long.*http://127.*200 tokens.*--ubatch-size"),
    ):
        rerank(target(server, "llamacpp"), Question(LONG, documents), known(server))


def test_vllms_words_are_understood():
    def answer(body):
        longest = max(map(len, body["documents"]))
        words = (
            f"This model's maximum context length is 300 tokens. However, you requested {longest} tokens in the input."
        )
        return openai_error(400, "BadRequestError", words) if longest > 300 else vllm(body)

    with rerank_server({"/v1/rerank": answer}) as server:
        assert len(rerank(target(server), Question("q", (LONG, "relevant 1")), known(server, "v1"))) == 2


def test_a_refusal_without_numbers_halves_the_documents():
    def answer(body):
        if max(map(len, body["documents"])) > 300:
            return openai_error(400, "BadRequestError", "input is larger than the max context size")
        return vllm(body)

    with rerank_server({"/v1/rerank": answer}) as server:
        assert len(rerank(target(server), Question("q", (LONG, "relevant 1")), known(server, "v1"))) == 2


def test_a_server_that_is_never_content_gets_its_words_through():
    refusal = openai_error(400, "BadRequestError", "input is larger than the max context size")
    with rerank_server({"/v1/rerank": raw(refusal)}) as server, pytest.raises(errors.ContextOverflow):
        rerank(target(server), Question("q", (LONG,)), known(server, "v1"))

    assert len(server.requests) < 10


@pytest.mark.parametrize("most", [32, 10, 1])
def test_many_documents_go_in_parts_and_come_back_in_one_order(most):
    documents = tuple(f"relevant {at % 7}.{at:03d}" for at in range(70))
    with rerank_server({"/rerank": tei(most)}) as server:
        ranking = rerank(target(server), Question("q", documents), known(server, "tei"))

    assert [documents[each.index] for each in ranking] == sorted(documents, key=lambda text: -float(text.split()[1]))


def test_tei_is_asked_for_32_at_most_because_more_is_refused():
    with rerank_server({"/rerank": tei()}) as server:
        rerank(target(server), Question("q", ("relevant 1",) * 70), known(server, "tei"))

    assert [len(request.json["texts"]) for request in server.requests] == [32, 32, 6]
