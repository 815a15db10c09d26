"""Texts to vectors: as many at once as a server takes, each as long as its model takes."""

import logging
from collections.abc import Sequence
from itertools import batched

from provider.core import errors
from provider.core.backends import Backend
from provider.core.chat import Media
from provider.core.embedding.dialects import dialect_of
from provider.core.embedding.learned import learned
from provider.core.embedding.refusals import texts_taken
from provider.core.embedding.request import EmbeddingRequest, Embeddings, Input
from provider.core.embedding.sending import Sender, TooMuch
from provider.core.embedding.shortening import TRIES, could_help, cut, shorter, takes
from provider.core.embedding.vectors import finished, most_in_one_answer
from provider.core.wire.embeddings import Answer, Vector

logger = logging.getLogger(__name__)


def embed(backend: Backend, request: EmbeddingRequest) -> Embeddings:
    """One vector for each input, in their order.

    Raises:
        ServerError: not even a single text could be embedded, or the vectors cannot be used.
    """
    return _Asking(backend, request).embeddings()


class _Asking:
    """One call. Batches go one after the other: servers compute them one after the other too."""

    def __init__(self, backend: Backend, request: EmbeddingRequest) -> None:
        self._backend = backend
        self._request = request
        self._dialect = dialect_of(backend)
        self._learned = learned(backend.http.server, request.model)
        self._sender = Sender(backend, self._dialect, request, self._learned)

    def embeddings(self) -> Embeddings:
        inputs = [_sendable(each) for each in self._request.inputs]
        vectors: list[Vector] = []
        tokens = 0
        while (at := len(vectors)) < len(inputs):
            batch = inputs[at : at + self._learned.batch(self._request.batch)]
            for answer in self._answers(batch):
                vectors += answer.vectors
                tokens += answer.tokens or 0
            self._refuse_more_than_a_line(len(inputs), len(vectors[0]))
        return Embeddings(finished(self._sender.readable(vectors), self._request.dimensions), tokens)

    def _answers(self, batch: Sequence[Input]) -> list[Answer]:
        size = self._learned.batch(len(batch))
        if size < len(batch):
            return [answer for part in batched(batch, size) for answer in self._answers(part)]
        batch = self._fitted(batch)
        try:
            return [self._sender.answer(batch)]
        except TooMuch as refusal:
            return self._less(batch, refusal)

    def _less(self, batch: list[Input], refusal: TooMuch) -> list[Answer]:
        logger.debug("%s took not all of %d texts: %s", self._backend.url, len(batch), refusal)
        if refusal.why == "long" and self._learned.shorter(takes(refusal.failure)) and self._fitted(batch) != batch:
            return self._answers(batch)
        if len(batch) == 1:
            return [self._shortened(batch[0], refusal)]
        half = len(batch) // 2
        if refusal.why == "many":
            taken = texts_taken(refusal.failure)
            self._learned.fewer(taken if taken and taken < len(batch) else half)
            return self._answers(batch)
        return [*self._answers(batch[:half]), *self._answers(batch[half:])]

    def _fitted(self, batch: Sequence[Input]) -> list[Input]:
        """Cut by the server's count, once it has said how much it takes."""
        limit, model = self._learned.limit, self._request.model
        if not limit:
            return list(batch)
        count = lambda text: self._dialect.tokens(model, text)  # noqa: E731
        return [each if isinstance(each, Media) else cut(each, limit, count) for each in batch]

    def _shortened(self, given: Input, refusal: TooMuch) -> Answer:
        """One text, each time shorter in proportion to what was refused."""
        for _ in range(TRIES):
            if isinstance(given, Media) or not could_help(given, refusal.why, refusal.failure):
                break
            given = shorter(given, refusal.failure, self._request.context_length)
            try:
                return self._sender.answer([given])
            except TooMuch as again:
                refusal = again
        raise refusal.error

    def _refuse_more_than_a_line(self, texts: int, size: int) -> None:
        """Before the rest is computed for nothing: a longer line would end the plugin, and all answers with it."""
        size = min(size, self._request.dimensions or size)
        most = most_in_one_answer(size)
        if texts > most:
            raise errors.Rejected(
                f"{texts} vectors of {size} numbers do not fit into one answer to Dify: "
                f"send at most {most} texts in one call"
            )


def _sendable(given: Input) -> Input:
    """Several servers refuse a whole batch for one empty text."""
    return " " if isinstance(given, str) and not given.strip() else given
