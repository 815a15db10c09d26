"""One text, spoken: the sound is passed on as it comes."""

import time
from collections.abc import Generator, Sequence
from itertools import chain

from provider.core import errors
from provider.core.audio.learned import learned
from provider.core.audio.patience import patiently
from provider.core.audio.refusals import WHO_SPEAKS, CannotSpeak, is_absent, is_telling, no_model
from provider.core.audio.request import WORD_LIMIT, Speech
from provider.core.audio.sentences import pieces
from provider.core.audio.voices import chosen, known
from provider.core.backends import Backend
from provider.core.body import Body
from provider.core.classify import classify
from provider.core.dispatch import Target, dispatch
from provider.core.wire.failure import Failure, read_failure
from provider.core.wire.sound import MP3, WAV, Sound, by_mime_type, sniff
from provider.core.wire.wav import WavJoiner

PATH = "/v1/audio/speech"
# Dify's players want MP3; KoboldCpp and some models have only WAV.
FORMATS = ("mp3", "wav")
ENOUGH = 16  # bytes that tell what sound it is
WAV_ONLY = ("koboldcpp",)


def speak(target: Target, speech: Speech) -> Generator[bytes]:
    """Send now (a refusal is raised here), then give the sound as it arrives.

    Raises:
        ServerError: with the cause and the remedy.
    """
    parts = pieces(speech.text, WORD_LIMIT)
    if not parts:
        raise errors.Rejected("there is no text to speak")
    try:
        return dispatch(target, "tts", lambda backend, model: _Speaking(target, backend, model, speech).sound(parts))
    except errors.ModelMissing as error:
        raise no_model(target, "tts", error) from error


def sound_of(target: Target) -> Sound:
    """Which sound to expect: what came last, else what was asked for."""
    return learned(target).sound or (WAV if target.info.flavour in WAV_ONLY else MP3)


def cannot(backend: Backend, model: str, failure: Failure | None) -> CannotSpeak:
    if failure and is_telling(failure):
        return CannotSpeak(f"{backend.explained(failure, model)} {WHO_SPEAKS}")
    return CannotSpeak(f"{backend.label} at {backend.url} has no route for speech. {WHO_SPEAKS}")


class _Speaking:
    """One text for one model of one server; the pieces go one after the other, because they are heard so."""

    def __init__(self, target: Target, backend: Backend, model: str, speech: Speech) -> None:
        self._target = target
        self._backend = backend
        self._model = model
        self._voice = chosen(backend, model, speech)
        self._extra = speech.extra
        self._learned = learned(backend.http.server, model, "speech")
        self._deadline = time.monotonic() + backend.http.server.timeouts.total

    def sound(self, parts: Sequence[str]) -> Generator[bytes]:
        return self._streamed(self._opened(parts[0]), parts[1:])

    # The sound

    def _streamed(self, body: Body, rest: Sequence[str]) -> Generator[bytes]:
        joiner = WavJoiner() if rest else None
        yield from self._piece(body, joiner)
        for part in rest:
            if joiner:
                joiner.next_file()
            yield from self._piece(self._opened(part), joiner)

    def _piece(self, body: Body, joiner: WavJoiner | None) -> Generator[bytes]:
        try:
            first = _beginning(body)
            if not first:
                raise errors.Failed(f"{self._here} answered with no sound at all. Read the server's log.")
            joiner = joiner if self._noted(first, body) == WAV else None
            body.patience = self._backend.http.server.timeouts.idle
            for data in chain([first], body):
                if passed := joiner.feed(data) if joiner else data:
                    yield passed
        except errors.BrokenStream as error:
            raise errors.BrokenStream(f"{self._here}: {error}") from error
        finally:
            body.close()

    def _noted(self, first: bytes, body: Body) -> Sound:
        """By its bytes, because some servers call everything by the name they were asked for."""
        sound = sniff(first) or by_mime_type(body.headers.get("Content-Type", "")) or MP3
        learned(self._target).sound = sound
        return sound

    # The question

    def _opened(self, text: str) -> Body:
        return patiently(self._backend, lambda: self._once(text, self._format))

    @property
    def _format(self) -> str:
        return self._learned.format or ("wav" if self._backend.flavour in WAV_ONLY else FORMATS[0])

    def _once(self, text: str, wanted: str) -> Body:
        usual = {"voice": self._voice, "response_format": wanted}
        body = {**usual, **self._extra, "model": self._model, "input": text}
        stream = self._backend.http.stream(PATH, body, self._deadline)
        if stream.status < 300 and _is_sound(stream):  # noqa: PLR2004 - HTTP's success range
            self._learned.format = wanted
            return stream
        # An error with a good status is one of the work, not of the question.
        failure = read_failure(stream.refusal(), stream.status if stream.status >= 300 else None)  # noqa: PLR2004
        location = stream.headers.get("Location", "")
        if wanted != FORMATS[-1] and _is_about_format(failure):
            return self._once(text, FORMATS[-1])
        raise self._refused(failure, location)

    def _refused(self, failure: Failure, location: str) -> errors.ServerError:
        if is_absent(failure):
            return cannot(self._backend, self._model, failure)
        error = self._backend.explained(failure, self._model, location)
        if isinstance(error, errors.Rejected) and "voice" in failure.words.lower():
            names = ", ".join(voice.id for voice in known(self._backend, self._model)[:30])
            return type(error)(f"{error} {f'Its voices: {names}.' if names else 'Type its voices into the form.'}")
        return error

    @property
    def _here(self) -> str:
        return f"{self._backend.label} at {self._backend.url}"


def _beginning(body: Body) -> bytes:
    """Enough to tell what sound it is, however the network cuts it."""
    data = b""
    while len(data) < ENOUGH and (piece := body.read()):
        data += piece
    return data


def _is_sound(stream: Body) -> bool:
    """Some servers send an error as a good answer; what has no type is believed."""
    kind = stream.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return not kind.startswith("text/") and kind != "application/json"


def _is_about_format(failure: Failure) -> bool:
    said = failure.words.lower()
    return classify(failure) is errors.Rejected and ("format" in said or FORMATS[0] in said)
