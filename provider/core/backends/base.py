"""The seam: what every kind of model server can do for us."""

import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from typing import Any, ClassVar, Protocol

from provider.core import errors
from provider.core.answer import AnswerFilter
from provider.core.body import Body
from provider.core.chat import ChatRequest, Event
from provider.core.classify import classify
from provider.core.http import Http, Reply
from provider.core.model_info import ModelInfo
from provider.core.remedies import listing, remedy
from provider.core.retry import Retries
from provider.core.tasks import Task
from provider.core.wire.failure import Failure, Refusal, read_failure

USAGE_WAIT = 5.0  # seconds: after the finish reason only the counts are still to come


class Decoder(Protocol):
    """Bytes in, events out."""

    started: bool

    @property
    def finished(self) -> bool: ...
    @property
    def complete(self) -> bool: ...
    def feed(self, data: bytes) -> list[Event]: ...
    def end(self) -> list[Event]: ...


class Backend(ABC):
    """One server. Its methods raise `ServerError`s that name the address, the cause and the remedy."""

    kind: ClassVar[str]
    label: ClassVar[str]
    how_to_start: ClassVar[str]
    wants_bytes: ClassVar[bool] = True  # pictures as base64, because the server would not fetch an address

    def __init__(self, http: Http, flavour: str = "") -> None:
        self.http = http
        self.flavour = flavour
        self.waits = True  # for a server that is loading or busy; not when another one could answer

    @property
    def url(self) -> str:
        return self.http.server.url

    # What the server has

    @abstractmethod
    def names(self) -> list[str]:
        """The models, by the names requests use."""

    def offers(self) -> tuple[str, ...]:
        """Every name a request may use, aliases included."""
        return tuple(self.names())

    def is_same_model(self, one: str, other: str) -> bool:
        """Whether two names mean one model, by this server's rule."""
        return one == other

    @abstractmethod
    def describe(self, model: str) -> ModelInfo:
        """Facts from metadata alone; nothing is loaded. Raises `ModelMissing` with the names that exist."""

    @abstractmethod
    def pick(self, task: Task = "chat") -> str:
        """The model `auto` means: what is loaded, else the first that can do it. Raises `ModelMissing`."""

    @abstractmethod
    def how_to_get(self, model: str) -> str:
        """The command that makes a missing model available."""

    def check_health(self) -> None:
        """The cheapest question that shows it can answer. Raises a `ServerError` when it cannot."""
        self.names()

    # Talking to it

    @abstractmethod
    def encode(self, request: ChatRequest) -> tuple[str, dict[str, Any]]:
        """Route and body."""

    @abstractmethod
    def decoder(self) -> Decoder: ...

    def relaxed(self, body: dict[str, Any], failure: Failure) -> dict[str, Any] | None:
        """A body without the extra that an older server refused, or `None` when nothing can be left out."""
        return None

    def window_in_use(self, model: str) -> int | None:
        """Tokens of the loaded window, where the server would reload a model that is asked with another."""
        return None

    def count_tokens(self, request: ChatRequest) -> int | None:
        """The server's exact count of a prompt, where it has a route for it."""
        return None

    def chat(self, request: ChatRequest) -> Generator[Event]:
        """Open the stream (a refusal is raised here), then give events as they arrive."""
        path, body = self.encode(request)
        return self._events(self._open(path, body, request), request)

    def _open(self, path: str, body: dict[str, Any], request: ChatRequest) -> Body:
        """Tried again while nothing was answered yet and trying again can help."""
        deadline = time.monotonic() + self.http.server.timeouts.total
        retries = Retries(self.http.server.timeouts)
        while True:
            try:
                return self._open_once(path, body, request, deadline)
            except (errors.Unreachable, errors.Loading, errors.Busy) as error:
                if not self.waits:
                    raise
                retries.pause_or_raise(error)

    def _open_once(self, path: str, body: dict[str, Any], request: ChatRequest, deadline: float) -> Body:
        stream = self.http.stream(path, body, deadline)
        if stream.status < 300:  # noqa: PLR2004 - HTTP's success range
            return stream
        failure = read_failure(stream.refusal(), stream.status)
        if less := self.relaxed(body, failure):
            return self._open_once(path, less, request, deadline)
        error = self.explained(failure, request.model, stream.headers.get("Location", ""))
        if isinstance(error, errors.Busy):
            error.retry_after = _seconds(stream.headers.get("Retry-After", ""))
        raise error

    def _events(self, stream: Body, request: ChatRequest) -> Generator[Event]:
        decoder, answer = self.decoder(), AnswerFilter(request.stop)
        try:
            for events in self._decoded(stream, decoder):
                yield from answer.take(events)
                if answer.stopped:
                    return
            stream.drain()
        except Refusal as refusal:
            raise self.explained(refusal.failure, request.model) from refusal
        except errors.BrokenStream as error:
            raise errors.BrokenStream(f"{self.label} at {self.url}: {error}") from error
        finally:
            stream.close()

    def _decoded(self, stream: Body, decoder: Decoder) -> Iterator[list[Event]]:
        """Lists of events; the idle time-out counts from the first one."""
        idle, silent = self.http.server.timeouts.idle, True
        try:
            for data in stream:
                if events := decoder.feed(data):
                    if silent:
                        silent, stream.patience = False, idle
                    yield events
                if decoder.finished:
                    stream.patience = min(stream.patience, USAGE_WAIT)
                    if decoder.complete:
                        break
        except (errors.BrokenStream, errors.TimedOut):
            if not decoder.finished:
                raise
        yield decoder.end()

    # Saying what went wrong

    def explained(self, failure: Failure, model: str = "", location: str = "") -> errors.ServerError:
        """The server's own words, what they mean, and what to do."""
        error = classify(failure)
        status = f" (HTTP {failure.status})" if failure.status else ""
        said = f"“{self.http.server.masked(failure.words)}”" if failure.words else "nothing"
        # Without a model it was the list itself that failed: asking for it again would never end.
        is_missing = error is errors.ModelMissing and model
        advice = self._missing(model) if is_missing else self.advice(error, failure, location)
        return error(f"{self.label} at {self.url} said {said}{status}. {advice}".strip())

    def advice(self, error: type[errors.ServerError], failure: Failure, location: str = "") -> str:
        """Overridden where a server has failures of its own."""
        return remedy(error, failure, location)

    def missing(self, model: str, names: list[str]) -> errors.ModelMissing:
        """The answer to a wrong name: the right ones, and how to get this one."""
        return errors.ModelMissing(
            f"{self.label} at {self.url} has no model “{model}”. {listing(names)} {self.how_to_get(model)}"
        )

    def _missing(self, model: str) -> str:
        try:
            return f"{listing(self.names())} {self.how_to_get(model)}"
        except errors.ServerError:
            return self.how_to_get(model)

    def checked(self, reply: Reply, model: str = "") -> Any:
        """The JSON of a metadata answer. Raises what the refusal means."""
        if not reply.ok:
            raise self.explained(read_failure(reply.body, reply.status), model, reply.headers.get("Location", ""))
        value = reply.json()
        if value is None:
            raise errors.BadSetting(
                f"{self.url} answered, but not like {self.label}: {read_failure(reply.body).words or 'nothing'}. "
                "Check the server address and the kind of server."
            )
        return value


def _seconds(text: str) -> float:
    """Of a Retry-After header; the date that it may also be is for the web."""
    return float(text) if text.isdecimal() and len(text) < 10 else 0.0  # noqa: PLR2004 - digits
