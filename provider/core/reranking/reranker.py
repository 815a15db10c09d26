"""One question to one rerank model: settle the way to ask, ask, put the scores on one scale, sort, cut."""

import logging
from dataclasses import replace

from provider.core import errors
from provider.core.backends import Backend
from provider.core.dispatch import Ask, Target, dispatch
from provider.core.inspection import AUTO
from provider.core.reranking import by_embedding
from provider.core.reranking.asking import Asking, Scores
from provider.core.reranking.dialects import DIALECTS
from provider.core.reranking.probing import (
    HINT,
    CannotRerank,
    is_wrong_dialect,
    probed,
    probed_again,
    remember,
    way_of,
)
from provider.core.reranking.question import Question, Wishes
from provider.core.reranking.scores import Ranked, are_logits, ranked, scaled
from provider.core.reranking.way import Way
from provider.core.wire.failure import Refusal

logger = logging.getLogger(__name__)


def rerank(target: Target, question: Question, wishes: Wishes) -> list[Ranked]:
    """The documents, best first. Without documents nothing is asked.

    Raises:
        ServerError: with the cause and the remedy.
    """
    if not question.documents:
        return []
    scores = _dispatched(target, wishes, lambda backend, model: _scores(backend, model, question, wishes))
    return ranked(scores, wishes)


def find_way(target: Target, wishes: Wishes) -> Way:
    """How the model reranks, found with one tiny question. A router is not made to load the model for it.

    Raises:
        ServerError: it cannot rerank, with the server's words and what would help.
    """
    return _dispatched(target, wishes, lambda backend, model: probed(backend, model, wishes))


def no_model(target: Target, error: errors.ModelMissing) -> errors.ServerError:
    """`auto` found no model for this; the server cannot know what to do about that."""
    if target.model != AUTO:
        return error
    return CannotRerank(f"{target.server.url} has no rerank model. {HINT}")


def _dispatched[Result](target: Target, wishes: Wishes, ask: Ask[Result]) -> Result:
    """`auto` is the server's rerank model, else its embedding model, if that is wished."""
    try:
        return dispatch(target, "rerank", ask)
    except errors.ModelMissing as error:
        if target.model != AUTO or not wishes.by_embedding:
            raise no_model(target, error) from error
    return dispatch(target, "embedding", ask)


def _scores(backend: Backend, model: str, question: Question, wishes: Wishes) -> Scores:
    way, scores = _answered(backend, model, question, wishes)
    if dropped := sum(score is None for score in scores):
        logger.debug("%d of %d documents have no score and are put last", dropped, len(scores))
    if wishes.scores != "auto":
        return scaled(scores, wishes.scores, logits=False)
    return scaled(scores, "auto", logits=_are_logits(backend, model, way, scores, wishes))


def _answered(
    backend: Backend, model: str, question: Question, wishes: Wishes, *, again: bool = True
) -> tuple[Way, Scores]:
    """A server that no longer answers as remembered is looked at once more."""
    way = way_of(backend, model, wishes)
    try:
        return way, _asked(backend, model, way, question, wishes)
    except Refusal as refusal:
        is_other = again and is_wrong_dialect(refusal.failure)
        if is_other and probed_again(backend, model, wishes).dialect != way.dialect:
            return _answered(backend, model, question, wishes, again=False)
        raise backend.explained(refusal.failure, model) from refusal


def _asked(backend: Backend, model: str, way: Way, question: Question, wishes: Wishes) -> Scores:
    if way.is_by_embedding:
        return by_embedding.scores(backend, model, question, wishes)
    return Asking(backend, model, DIALECTS[way.dialect], wishes).scores(question)


def _are_logits(backend: Backend, model: str, way: Way, scores: Scores, wishes: Wishes) -> bool:
    """What one call shows is remembered for the next, whose logits may all look like probabilities."""
    if way.is_by_embedding:
        return False
    if not way.logits and are_logits(scores):
        way = remember(backend, model, wishes, replace(way, logits=True))
    elif way.logits is None:
        way = probed_again(backend, model, wishes)
    return bool(way.logits)
