"""One recording, one text."""

import json
import time
from typing import Any

from provider.core import errors
from provider.core.audio.learned import learned
from provider.core.audio.patience import patiently
from provider.core.audio.refusals import (
    WHO_TRANSCRIBES,
    Absent,
    CannotTranscribe,
    is_absent,
    is_telling,
    no_model,
    refused_recording,
)
from provider.core.audio.request import Recording
from provider.core.audio.routes import Route, worth_trying
from provider.core.backends import Backend
from provider.core.classify import classify
from provider.core.dispatch import Target, dispatch
from provider.core.http import Reply, Upload
from provider.core.wire.failure import Failure, Refusal, read_failure
from provider.core.wire.multipart import File, encode
from provider.core.wire.sound import MP3, sniff
from provider.core.wire.transcript import Unreadable, read_transcript


def transcribe(target: Target, recording: Recording) -> str:
    """What was said; empty when nothing was.

    Raises:
        ServerError: with the cause and the remedy.
    """
    if not recording.data:
        raise errors.Rejected("the recording is empty")
    try:
        return dispatch(target, "speech2text", lambda backend, model: _Asking(backend, model, recording).text())
    except errors.ModelMissing as error:
        raise no_model(target, "speech2text", error) from error


def cannot(backend: Backend, model: str, failure: Failure | None) -> CannotTranscribe:
    """In the server's words, if it said anything of use."""
    if failure and is_telling(failure):
        return CannotTranscribe(f"{backend.explained(failure, model)} {WHO_TRANSCRIBES}")
    return CannotTranscribe(f"{backend.label} at {backend.url} has no route for transcriptions. {WHO_TRANSCRIBES}")


class _Asking:
    """One recording for one model of one server."""

    def __init__(self, backend: Backend, model: str, recording: Recording) -> None:
        self._backend = backend
        self._model = model
        self._recording = recording
        self._learned = learned(backend.http.server, model, "transcription")
        self._deadline = time.monotonic() + backend.http.server.timeouts.total

    def text(self) -> str:
        """The first route that is there answers, and is asked first from then on."""
        said: Failure | None = None
        for route in worth_trying(self._backend, self._learned.route):
            try:
                text = patiently(self._backend, lambda route=route: self._once(route))
            except Absent as absent:
                said = said or absent.failure
            else:
                self._learned.route = route.name
                return text
        raise cannot(self._backend, self._model, said)

    def _once(self, route: Route) -> str:
        reply = self._sent(route)
        if not reply.ok:
            raise self._refused(read_failure(reply.body, reply.status), reply.headers.get("Location", ""))
        try:
            return route.text(read_transcript(reply.body, reply.headers.get("Content-Type", "")))
        except Refusal as refusal:
            raise self._refused(refusal.failure) from refusal
        except Unreadable as error:
            raise errors.Failed(
                f"{self._backend.label} at {self._backend.url} answered, but {error}. "
                "Check that the server address is a model server's."
            ) from error

    def _sent(self, route: Route) -> Reply:
        """Nothing is heard of a transcription before it is done, so that only the whole time counts."""
        sound = sniff(self._recording.data) or MP3
        file = File(f"recording.{sound.extension}", sound.mime_type, self._recording.data)
        extra = {name: _as_field(value) for name, value in self._recording.extra.items()}
        content_type, body = encode({**extra, **route.fields(self._model, self._recording.language)}, file)
        left = max(self._deadline - time.monotonic(), 0.001)
        try:
            return self._backend.http.post(route.path, Upload(content_type, body), left)
        except errors.TimedOut as error:
            raise self._too_slow() from error

    def _refused(self, failure: Failure, location: str = "") -> Exception:
        if is_absent(failure):
            return Absent(failure)
        if classify(failure) in (errors.Loading, errors.Busy):
            return self._backend.explained(failure, self._model)
        if failure.status and failure.status < 400:  # noqa: PLR2004 - HTTP's redirections
            return self._backend.explained(failure, self._model, location)
        return refused_recording(self._backend, self._model, failure, len(self._recording.data))

    def _too_slow(self) -> errors.TimedOut:
        return errors.TimedOut(
            f"{self._backend.url} did not transcribe {len(self._recording.data) / 2**20:.1f} MB within "
            f"{self._backend.http.server.timeouts.total:g} s; shorten the recording, use a smaller model, or raise "
            "“Seconds for a whole answer” (total_timeout), and PLUGIN_MAX_EXECUTION_TIMEOUT and PLUGIN_DAEMON_TIMEOUT "
            "in Dify"
        )


def _as_field(value: Any) -> str:
    """Forms carry text only: true, not True."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
