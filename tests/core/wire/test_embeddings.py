"""Vectors in the answers of real servers, and in answers that are none."""

import json
import math

import pytest

from provider.core.wire.embeddings import Answer, Unreadable, read_bare, read_ollama, read_openai
from tests.core.wire.streams import RECORDINGS

READERS = {
    "ollama/embed_one": (read_ollama, 1, 4),
    "ollama/embed_batch": (read_ollama, 3, 12),
    "ollama/embed_empty_string": (read_ollama, 2, 6),
    "ollama/embed_empty_list": (read_ollama, 0, None),
    "ollama/embed_too_long_truncated": (read_ollama, 1, 512),
    "ollama/v1_embeddings": (read_openai, 2, 8),
    "ollama/v1_embeddings_base64": (read_openai, 1, 4),
    "llamacpp/embeddings_one": (read_openai, 1, 4),
    "llamacpp/embeddings_batch": (read_openai, 3, 12),
    "llamacpp/embeddings_base64": (read_openai, 1, 4),
    "llamacpp/embeddings_empty_string": (read_openai, 2, 6),
}


def recorded(name: str) -> object:
    return json.loads((RECORDINGS / f"{name}.body").read_bytes())


@pytest.mark.parametrize(("name", "expected"), READERS.items())
def test_a_recorded_answer_is_read(name, expected):
    read, count, tokens = expected

    answer = read(recorded(name))

    assert (len(answer.vectors), answer.tokens) == (count, tokens)
    assert all(len(vector) == 64 for vector in answer.vectors)


def test_both_servers_and_both_encodings_gave_the_same_vector_for_the_same_text():
    names = [
        *("ollama/embed_one", "ollama/v1_embeddings_base64"),
        *("llamacpp/embeddings_one", "llamacpp/embeddings_base64"),
    ]
    first, *others = [READERS[name][0](recorded(name)).vectors[0] for name in names]

    assert math.isclose(math.hypot(*first), 1, rel_tol=1e-6)
    for other in others:
        assert other == pytest.approx(first, abs=1e-6)


def test_teis_list_has_its_tokens_beside_it():
    assert read_bare([[1.0], [2.0]], "7") == Answer([[1.0], [2.0]], 7)
    assert read_bare([[1.0]], None) == Answer([[1.0]])


@pytest.mark.parametrize("read", [read_ollama, read_openai, read_bare])
@pytest.mark.parametrize(
    "value", [None, "text", 7, {}, {"error": "x"}, {"data": None}, {"embeddings": {}}, [None], [7]]
)
def test_what_holds_no_vectors_is_unreadable_and_nothing_worse(read, value):
    with pytest.raises(Unreadable):
        read(value)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None}, {"prompt_tokens": "7"}, {"prompt_tokens": 0}, []])
def test_a_usage_that_says_nothing_is_none(usage):
    assert read_openai({"data": [], "usage": usage}).tokens is None
