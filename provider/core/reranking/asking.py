"""One question to a rerank route: sent again while that can help, in parts when too much, cut when too long."""

import re
from dataclasses import replace
from itertools import batched

from provider.core import errors
from provider.core.backends import Backend
from provider.core.classify import classify
from provider.core.reranking.dialects import Dialect
from provider.core.reranking.fitting import Fitting
from provider.core.reranking.question import Question, Wishes
from provider.core.retry import Retries
from provider.core.wire.failure import Failure, Refusal, read_failure
from provider.core.wire.rerank import read_scores

TOO_MANY = re.compile(r"maximum allowed batch size|too many (documents|texts|inputs)|payload too large", re.IGNORECASE)
TRIES = 6  # at making the documents shorter
PAYLOAD_TOO_LARGE = 413

type Scores = list[float | None]


class Asking:
    """One model of one server, asked in one dialect. Its methods raise `Refusal` for what the server refused."""

    def __init__(self, backend: Backend, model: str, dialect: Dialect, wishes: Wishes) -> None:
        self._backend = backend
        self._model = model
        self._dialect = dialect
        self._wishes = wishes
        self._fitting = Fitting(backend.http.server, model)

    def scores(self, question: Question) -> Scores:
        """In the order of the documents. Blank ones are not sent: some servers refuse the whole list for one."""
        places = [at for at, document in enumerate(question.documents) if document.strip()]
        found: Scores = [None] * len(question.documents)
        for some in batched(places, self._dialect.most):
            part = replace(question, documents=tuple(question.documents[at] for at in some))
            for at, score in zip(some, self._part(part), strict=True):
                found[at] = score
        return found

    def trial(self, question: Question) -> Scores:
        """As it is, by the route that makes no server load a model."""
        return self._patiently(question, self._dialect.probe_path)

    def _part(self, question: Question) -> Scores:
        try:
            return self._fitted(question)
        except Refusal as refusal:
            if len(question.documents) == 1 or not _is_too_many(refusal.failure):
                raise
        half = len(question.documents) // 2
        parts = question.documents[:half], question.documents[half:]
        return [score for part in parts for score in self._part(replace(question, documents=part))]

    def _fitted(self, question: Question) -> Scores:
        """Documents are cut to what the server once said it takes; what it says now is remembered."""
        for _ in range(TRIES):
            try:
                return self._patiently(self._fitting.cut(question), self._dialect.path)
            except Refusal as refusal:
                if classify(refusal.failure) is not errors.ContextOverflow:
                    raise
                self._fitting.learn(question, refusal.failure)
        return self._patiently(self._fitting.cut(question), self._dialect.path)

    def _patiently(self, question: Question, path: str) -> Scores:
        """Tried again while the server loads the model, is busy, or is about to come back."""
        retries = Retries(self._backend.http.server.timeouts)
        while True:
            try:
                return self._once(question, path)
            except (errors.Unreachable, errors.Loading, errors.Busy) as error:
                if not self._backend.waits:
                    raise
                retries.pause_or_raise(error)

    def _once(self, question: Question, path: str) -> Scores:
        body = {**self._wishes.extra_body, **self._dialect.encode(self._model, question)}
        reply = self._backend.http.post(path, body, self._backend.http.server.timeouts.first_token)
        value = reply.json()
        if reply.ok and value is not None:
            return read_scores(value, question.documents, reply.status)
        failure = read_failure(reply.body, reply.status)
        if classify(failure) in (errors.Loading, errors.Busy):
            raise self._backend.explained(failure, self._model)
        raise Refusal(failure)


def _is_too_many(failure: Failure) -> bool:
    return failure.status == PAYLOAD_TOO_LARGE or bool(TOO_MANY.search(failure.words))
