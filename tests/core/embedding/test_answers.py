"""What servers answer, well and badly: order, base64, numbers that are none, wrong counts, dimensions."""

import math

import pytest

from provider.core import errors
from tests.core.embedding.embedding_servers import (
    embedded,
    error,
    inputs,
    numbers,
    openai,
    server,
    sizes,
    texts,
    vector,
    well,
)
from tests.servers import Response


@pytest.mark.parametrize("written", [int, str], ids=["number", "text"])
def test_vectors_are_ordered_by_their_index(written):
    def answer(body):
        data = [{"index": written(at), "embedding": vector(text)} for at, text in enumerate(body["input"])]
        return Response.of_json({"data": data[1::2] + data[::2]})

    with server(answer) as running:
        assert numbers(embedded(running, texts(9))) == list(range(9))


def test_without_an_index_of_its_own_for_each_the_order_of_the_answer_holds():
    def answer(body):
        return Response.of_json({"data": [{"index": 0, "embedding": vector(text)} for text in body["input"]]})

    with server(answer) as running:
        assert numbers(embedded(running, texts(4))) == [0, 1, 2, 3]


def test_base64_is_asked_for_and_read():
    with server(well) as running:
        found = embedded(running, ["text 7"])

    assert running.requests[0].json["encoding_format"] == "base64"
    assert found.vectors == [[1.0, 7.0, 6.0]]


def test_a_server_that_ignores_base64_is_read_all_the_same():
    with server(lambda body: openai([vector(text) for text in body["input"]])) as running:
        assert numbers(embedded(running, texts(2))) == [0, 1]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "encoding_format 'base64' is not supported"),
        (422, "Extra inputs are not permitted"),
        (500, "KeyError"),
    ],
)
def test_a_server_that_refuses_base64_is_asked_for_plain_numbers_and_never_for_base64_again(status, message):
    def answer(body):
        return error(status, message) if "encoding_format" in body else well(body)

    with server(answer) as running:
        assert numbers(embedded(running, texts(2))) == [0, 1]
        assert numbers(embedded(running, texts(3))) == [0, 1, 2]

    assert ["encoding_format" in request.json for request in running.requests] == [True, False, False]


def test_dimensions_are_sent_where_the_server_takes_them():
    def answer(body):
        return openai([vector(text)[: body["dimensions"]] for text in body["input"]])

    with server(answer) as running:
        assert embedded(running, ["text 7"], dimensions=2).vectors == [[1.0, 7.0]]


@pytest.mark.parametrize("refuses", [True, False])
def test_dimensions_the_server_does_not_know_are_cut_here_to_vectors_of_length_1(refuses):
    def answer(body):
        if refuses and "dimensions" in body:
            return error(400, "Model does not support matryoshka representation, changing output dimensions is wrong")
        return openai([[3.0, 4.0, 12.0] for _ in body["input"]])

    with server(answer) as running:
        assert embedded(running, ["a", "b"], dimensions=2).vectors == [[0.6, 0.8]] * 2

    assert "encoding_format" in running.requests[-1].json


def test_more_dimensions_than_there_are_is_told():
    with server(well) as running, pytest.raises(errors.BadSetting, match=r"dimensions is 5, .* have 3 numbers"):
        embedded(running, ["a"], dimensions=5)


@pytest.mark.parametrize("empty", ["", " ", "\n\t "])
def test_an_empty_text_keeps_its_place_and_goes_as_a_blank(empty):
    def answer(body):
        return error(400, "input cannot be an empty string") if "" in body["input"] else well(body)

    with server(answer) as running:
        assert numbers(embedded(running, ["text 1", empty, "text 2"])) == [1, 0, 2]

    assert [inputs(request) for request in running.requests] == [["text 1", " ", "text 2"]]


def test_a_vector_of_nothing_but_zeros_gets_a_direction_because_dify_would_drop_it_and_shift_the_rest():
    with server(lambda body: openai([[0.0] * 4 for _ in body["input"]])) as running:
        assert embedded(running, [""]).vectors == [[0.5] * 4]


def test_numbers_have_seven_significant_digits():
    with server(lambda _: openai([[0.18145577609539032, -1234.56789, 1.23456789e-9]])) as running:
        assert embedded(running, ["a"]).vectors == [[0.1814558, -1234.568, 1.234568e-09]]


@pytest.mark.parametrize("broken", ["null", "NaN", "Infinity", "-Infinity", '"0.5"', "9" * 400])
def test_numbers_that_are_none_are_an_error_that_says_so(broken):
    body = f'{{"data":[{{"index":0,"embedding":[0.5,{broken}]}}]}}'

    with (
        server(lambda _: Response.of_text(body, content_type="application/json")) as running,
        pytest.raises(errors.Failed, match=r"vector 1 of 1 .* no numbers \(NaN or infinite\)"),
    ):
        embedded(running, ["a"])


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (openai([]), "0 vectors for 1 text"),
        (openai([[1.0], [2.0]]), "2 vectors for 1 text"),
        (openai([[]]), r"different sizes \(0\)"),
        (openai([[1.0]]).but(steps=[b"<html><title>Welcome</title></html>"]), "it has no data"),
        (Response.of_json({"object": "list"}), "it has no data"),
        (Response.of_json({"data": [{"index": 0}]}), "it has no embedding"),
        (openai(["%%%"]), "no base64"),
        (openai(["AAAA"]), "3 bytes"),
    ],
)
def test_an_answer_without_the_right_vectors_is_an_error_that_says_what_is_wrong(response, words):
    with server(lambda _: response) as running, pytest.raises(errors.Failed, match=f"(?s)cannot be used.*{words}"):
        embedded(running, ["a"])


def test_vectors_of_different_sizes_are_an_error_also_from_different_batches():
    with (
        server(lambda body: openai([[0.5] * (2 if "text 0" in body["input"] else 3)])) as running,
        pytest.raises(errors.Failed, match=r"different sizes \(2, 3\)"),
    ):
        embedded(running, texts(2), batch=1)


def test_an_error_with_status_200_is_still_an_error():
    said = Response.of_json({"error": "Unexpected endpoint or method. (POST /v1/embeddings)"})

    with server(lambda _: said) as running, pytest.raises(errors.ServerError, match="Unexpected endpoint"):
        embedded(running, ["a"], "lmstudio")


def test_tokens_are_estimated_where_the_server_does_not_count():
    with server(lambda body: openai([vector(text) for text in body["input"]])) as running:
        assert embedded(running, ["one two three", "four"]).tokens == 4


def test_a_lone_half_of_a_surrogate_pair_does_not_fail_the_batch():
    with server(well) as running:
        embedded(running, ["text 1", "\ud83d"])

    assert inputs(running.requests[0]) == ["text 1", "?"]


def test_length_1_is_what_cut_vectors_have():
    with server(lambda body: openai([[0.3, -0.2, 0.9, 0.1] for _ in body["input"]])) as running:
        (found,) = embedded(running, ["a"], "llamacpp", dimensions=3).vectors

    assert math.isclose(math.hypot(*found), 1, rel_tol=1e-6)
    assert "dimensions" not in running.requests[0].json
    assert sizes(running) == [1]
