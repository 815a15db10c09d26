"""Finds out how a model reranks by asking it three tiny things: which dialect it answers, and what its scores are like.

The scale cannot be told from the program: llama.cpp gives raw logits for most models and probabilities for others
(Qwen3-Reranker), and one call's logits may all happen to lie between 0 and 1. Two texts that have nothing to do with
the query show it: only a logit is below 0 for them.
"""

import re
from collections.abc import Iterator

from provider.core import errors
from provider.core.backends import Backend
from provider.core.catalog import Memory
from provider.core.classify import classify
from provider.core.reranking import by_embedding
from provider.core.reranking.asking import Asking
from provider.core.reranking.dialects import DIALECTS, Dialect, worth_trying
from provider.core.reranking.question import Question, Wishes
from provider.core.reranking.scores import are_logits
from provider.core.reranking.way import BY_EMBEDDING, Way
from provider.core.wire.failure import Failure, Refusal

TRIAL = Question(
    "What is the capital of France?",
    ("Paris is the capital of France.", "Bananas are yellow fruits.", "Mix flour, water and yeast, then wait."),
)
HINT = (
    "For reranking start llama-server with --reranking, or vLLM, TEI, LocalAI or Xinference with a rerank model; "
    "or add an embedding model of this server as rerank model, and set “If the server cannot rerank” to “Compare "
    "embeddings”."
)
ABSENT = (404, 405)
UNIMPLEMENTED = re.compile("unimplemented|not implemented", re.IGNORECASE)  # LocalAI, with HTTP 500

_ways = Memory(seconds=600)


class CannotRerank(errors.Rejected):
    """The server, or this model on it, has no rerank route."""


def way_of(backend: Backend, model: str, wishes: Wishes) -> Way:
    """As saved with the credentials or remembered, else found now. Raises `CannotRerank`."""
    return _ways.get(_place(backend, model, wishes), lambda: _saved(backend, wishes) or probed(backend, model, wishes))


def probed_again(backend: Backend, model: str, wishes: Wishes) -> Way:
    """After what was remembered proved wrong."""
    return remember(backend, model, wishes, probed(backend, model, wishes))


def remember(backend: Backend, model: str, wishes: Wishes, way: Way) -> Way:
    _ways.forget(_place(backend, model, wishes))
    return _ways.get(_place(backend, model, wishes), lambda: way)


def probed(backend: Backend, model: str, wishes: Wishes) -> Way:
    """The first dialect that is answered with scores, else the embeddings, if that is wished.

    Raises:
        CannotRerank: with the server's most telling words, and what to do.
    """
    refusals: list[Failure] = []
    for dialect in worth_trying(backend):
        try:
            return _tried(backend, model, dialect, wishes)
        except Refusal as refusal:
            if not is_wrong_dialect(refusal.failure):
                raise backend.explained(refusal.failure, model) from refusal
            refusals.append(refusal.failure)
    if wishes.by_embedding:
        by_embedding.check(backend, model)
        return Way(backend.url, BY_EMBEDDING)
    raise CannotRerank(f"{_why(backend, model, refusals)} {HINT}")


def is_wrong_dialect(failure: Failure) -> bool:
    """Refused for what we sent or where we sent it; another dialect may be understood."""
    return classify(failure) is errors.Rejected or bool(UNIMPLEMENTED.search(failure.words))


def _tried(backend: Backend, model: str, dialect: Dialect, wishes: Wishes) -> Way:
    try:
        scores = Asking(backend, model, dialect, wishes).trial(TRIAL)
    except Refusal as refusal:
        if "not loaded" in refusal.failure.words:  # a router that knows the model, and was told not to load it
            return Way(backend.url, dialect.name)
        raise
    return Way(backend.url, dialect.name, are_logits(scores))


def _why(backend: Backend, model: str, refusals: list[Failure]) -> str:
    if telling := next(_telling(refusals), None):
        return str(backend.explained(telling, model))
    return f"{backend.label} at {backend.url} has no rerank route."


def _telling(refusals: list[Failure]) -> Iterator[Failure]:
    return (each for each in refusals if each.status not in ABSENT and "unexpected endpoint" not in each.words.lower())


def _saved(backend: Backend, wishes: Wishes) -> Way | None:
    """Only for the server it was found at: of several behind one form, each may have its own."""
    way = wishes.way
    if way is None or way.url != backend.url:
        return None
    usable = wishes.by_embedding if way.is_by_embedding else way.dialect in DIALECTS
    return way if usable else None


def _place(backend: Backend, model: str, wishes: Wishes) -> tuple[object, ...]:
    return backend.http.server, model, wishes.by_embedding
