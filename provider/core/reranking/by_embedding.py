"""Ranking without a rerank model: the cosine between the query's vector and each document's.

A choice somebody has to make: an embedding model looks at query and document apart, and judges less finely.
"""

import math
from collections.abc import Sequence

from provider.core import embedding
from provider.core.backends import Backend
from provider.core.embedding import EmbeddingRequest
from provider.core.reranking.question import Question, Wishes


def check(backend: Backend, model: str) -> None:
    """Raises a `ServerError` when the model makes no vectors; asks for one only when nothing else tells."""
    embedding.detected(backend, backend.describe(model))


def scores(backend: Backend, model: str, question: Question, wishes: Wishes) -> list[float | None]:
    """In the order of the documents, from -1 to 1; `None` for a blank one."""
    places = [at for at, document in enumerate(question.documents) if document.strip()]
    if not places:
        return [None] * len(question.documents)
    texts = (question.query, *(question.documents[at] for at in places))
    request = EmbeddingRequest(
        model, texts, context_length=wishes.context_length, keep_alive=wishes.keep_alive, extra_body=wishes.extra_body
    )
    query, *documents = embedding.embed(backend, request).vectors
    found: list[float | None] = [None] * len(question.documents)
    for at, vector in zip(places, documents, strict=True):
        found[at] = cosine(query, vector)
    return found


def cosine(one: Sequence[float], other: Sequence[float]) -> float | None:
    """`None` when a vector has no direction."""
    lengths = math.hypot(*one) * math.hypot(*other)
    return math.sumprod(one, other) / lengths if lengths else None
