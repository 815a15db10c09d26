"""How many texts go in one request, and what happens when that was too much."""

import pytest

from provider.core import errors
from provider.core.server import Timeouts
from tests.core.embedding.embedding_servers import (
    but,
    embedded,
    error,
    numbers,
    openai,
    server,
    sizes,
    texts,
    vector,
    well,
)
from tests.servers import Response


def test_texts_go_in_batches_and_come_back_in_their_order():
    with server(well) as running:
        found = embedded(running, texts(70), batch=32)

    assert numbers(found) == list(range(70))
    assert found.tokens == 140
    assert sizes(running) == [32, 32, 6]


def test_nothing_to_embed_needs_no_request():
    with server(well) as running:
        assert embedded(running, ()).vectors == []

    assert running.requests == []


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (413, "Payload Too Large"),
        (422, "batch size 32 > maximum allowed batch size 8"),
        (500, "the runner ran out of memory"),
        (502, "Bad Gateway"),
        (424, "backend failed"),
    ],
)
def test_a_batch_that_is_too_large_is_halved_until_it_fits(status, message):
    with server(but(lambda body: error(status, message) if len(body["input"]) > 8 else None)) as running:
        found = embedded(running, texts(20))

    assert numbers(found) == list(range(20))
    assert min(sizes(running)) >= 4


def test_a_server_that_says_how_many_it_takes_gets_so_many():
    said = error(422, "batch size 20 > maximum allowed batch size 8")

    with server(but(lambda body: said if len(body["input"]) > 8 else None)) as running:
        embedded(running, texts(20))

    assert sizes(running) == [20, 8, 8, 4]


def test_what_was_too_large_once_is_not_tried_again():
    with server(but(lambda body: Response(413) if len(body["input"]) > 8 else None)) as running:
        embedded(running, texts(32))
        running.requests.clear()
        embedded(running, texts(20))

    assert sizes(running) == [8, 8, 4]


def test_a_server_too_slow_for_a_batch_gets_half_of_it():
    slow = Timeouts(connect=2, first_token=0.3, idle=5, total=10)

    def answer(body):
        return well(body).but(delay=1.0 if len(body["input"]) > 2 else 0)

    with server(answer) as running:
        assert numbers(embedded(running, texts(4), timeouts=slow)) == [0, 1, 2, 3]

    assert sizes(running) == [4, 2, 2]


def test_a_server_too_slow_for_one_text_is_told_with_the_field_to_change():
    slow = Timeouts(connect=2, first_token=0.2, idle=5, total=10)

    with (
        server(lambda body: well(body).but(delay=1)) as running,
        pytest.raises(errors.TimedOut, match=r"did not embed 1 text within 0\.2 s.*first-token time-out"),
    ):
        embedded(running, texts(2), timeouts=slow)

    assert sizes(running) == [2, 1]


def test_a_server_that_takes_only_one_text_gets_one_at_a_time():
    with server(lambda body: openai([vector(body["input"][0])])) as running:
        assert numbers(embedded(running, texts(4))) == [0, 1, 2, 3]
        running.requests.clear()
        embedded(running, texts(2))

    assert sizes(running) == [1, 1]


def test_the_error_of_a_server_that_fails_on_one_text_is_its_own():
    with (
        server(but(lambda body: error(500, "tensor went sideways") if "text 2" in body["input"] else None)) as running,
        pytest.raises(errors.Failed, match="tensor went sideways"),
    ):
        embedded(running, texts(4))


def test_a_model_that_cannot_be_loaded_is_not_asked_with_less():
    with (
        server(lambda _: error(500, "llama-server: failed to load model")) as running,
        pytest.raises(errors.Failed, match="failed to load model"),
    ):
        embedded(running, texts(32))

    assert set(sizes(running)) == {32}


def test_a_server_that_is_loading_or_busy_is_waited_for():
    waiting = [error(503, "Loading model"), error(429, "slow down")]

    with server(lambda body: waiting.pop(0) if waiting else well(body)) as running:
        assert numbers(embedded(running, texts(2))) == [0, 1]

    assert sizes(running) == [2, 2, 2]


def test_more_vectors_than_fit_into_one_answer_to_dify_are_refused_after_the_first_batch():
    wide = [[0.5] * 4096]

    with (
        server(lambda body: openai(wide * len(body["input"]))) as running,
        pytest.raises(errors.Rejected, match=r"200 vectors of 4096 numbers do not fit .* at most 7\d texts"),
    ):
        embedded(running, texts(200))

    assert sizes(running) == [32]
