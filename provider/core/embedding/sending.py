"""One request for vectors: asked until the server is ready for it, its answer checked."""

import time
from collections.abc import Sequence
from typing import Any

from provider.core import errors
from provider.core.backends import Backend
from provider.core.chat import Media
from provider.core.classify import classify
from provider.core.embedding.dialects import Dialect
from provider.core.embedding.learned import Learned
from provider.core.embedding.refusals import Reason, blamed, reason
from provider.core.embedding.request import EmbeddingRequest, Input
from provider.core.embedding.vectors import checked
from provider.core.http import Reply
from provider.core.retry import Retries
from provider.core.tokens import PER_MEDIA, estimate_text
from provider.core.wire.embeddings import Answer, Unreadable, Vector
from provider.core.wire.failure import Failure, error_in, read_failure


class TooMuch(Exception):
    """The server may well take fewer texts at once, or shorter ones; when it does not, `error` is the end."""

    def __init__(self, why: Reason, error: errors.ServerError, failure: Failure | None = None) -> None:
        super().__init__(str(error))
        self.why: Reason = why
        self.error = error
        self.failure = failure


class Sender:
    """For one call: it has one deadline, whatever it takes."""

    def __init__(self, backend: Backend, dialect: Dialect, request: EmbeddingRequest, known: Learned) -> None:
        self._backend = backend
        self._dialect = dialect
        self._request = request
        self._learned = known
        self._timeouts = backend.http.server.timeouts
        self._deadline = time.monotonic() + self._timeouts.total

    def answer(self, batch: Sequence[Input]) -> Answer:
        """Raises `TooMuch` when less could work, else a `ServerError`."""
        reply = self._with_extras(batch)
        if not reply.ok:
            raise self._refused(read_failure(reply.body, reply.status))
        value = reply.json()
        if isinstance(value, dict) and (failure := error_in(value)):  # LM Studio says errors with HTTP 200
            raise self._refused(failure)
        try:
            answer = self._dialect.read(value, reply.headers)
            checked(answer.vectors)
        except Unreadable as error:
            raise self._unusable(str(error)) from error
        if len(answer.vectors) != len(batch):
            raise TooMuch("many", self._unusable(f"it has {len(answer.vectors)} vectors for {len(batch)} texts"))
        return answer if answer.tokens is not None else Answer(answer.vectors, _estimated(batch))

    def _with_extras(self, batch: Sequence[Input]) -> Reply:
        """Ask for base64, dimensions and the like; without them when that is what the server refuses."""
        body, dropped = self._dialect.body(self._request, batch), frozenset[str]()
        while True:
            left_out = dropped | self._learned.without
            extras = {name: what for name, what in self._dialect.extras(self._request).items() if name not in left_out}
            reply = self._patiently({**extras, **body}, len(batch))
            if reply.ok:
                self._learned.without, self._learned.proven = left_out, True
                return reply
            found = blamed(read_failure(reply.body, reply.status), extras, proven=self._learned.proven)
            if not found:
                return reply
            dropped |= found

    def _patiently(self, body: dict[str, Any], texts: int) -> Reply:
        """Tried again while the server loads the model, is busy, or is about to come back."""
        retries = Retries(self._timeouts)
        while True:
            try:
                return self._posted(body, texts)
            except (errors.Unreachable, errors.Loading, errors.Busy) as error:
                if not self._backend.waits:
                    raise
                retries.pause_or_raise(error)

    def _posted(self, body: dict[str, Any], texts: int) -> Reply:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._too_slow(self._timeouts.total, "total", texts)
        # Half of what is left: after a time-out there must be time for half of the texts.
        patience = min(self._timeouts.first_token, left / 2 if texts > 1 else left)
        try:
            reply = self._backend.http.post(self._dialect.path, body, patience)
        except errors.TimedOut as error:
            name = "first-token" if patience == self._timeouts.first_token else "total"
            raise TooMuch("many", self._too_slow(patience, name, texts)) from error
        failure = None if reply.ok else read_failure(reply.body, reply.status)
        if failure and classify(failure) in (errors.Loading, errors.Busy):
            raise self._dialect.explained(failure, self._request.model)
        return reply

    def _refused(self, failure: Failure) -> Exception:
        error = self._dialect.explained(failure, self._request.model)
        why = reason(failure)
        return TooMuch(why, error, failure) if why else error

    def readable(self, vectors: list[Vector]) -> list[Vector]:
        try:
            return checked(vectors)
        except Unreadable as error:
            raise self._unusable(str(error)) from error

    def _unusable(self, why: str) -> errors.Failed:
        return errors.Failed(
            f"{self._backend.label} at {self._backend.url} gave an answer for {self._request.model} that cannot be "
            f"used: {why}. Check that this is an embedding model; if it is, its file or quantization may be broken."
        )

    def _too_slow(self, seconds: float, name: str, texts: int) -> errors.TimedOut:
        return errors.TimedOut(
            f"{self._backend.url} did not embed {texts} text{'s' if texts > 1 else ''} within {seconds:g} s; "
            f"raise the {name} time-out in the model's settings, or use a smaller model"
        )


def _estimated(batch: Sequence[Input]) -> int:
    return sum(PER_MEDIA[each.kind] if isinstance(each, Media) else estimate_text(each) for each in batch)
