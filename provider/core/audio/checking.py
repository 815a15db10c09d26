"""Whether a server transcribes or speaks, found out by metadata or by questions that ask for nothing."""

from provider.core import errors
from provider.core.audio import speech, transcription
from provider.core.audio.refusals import WHO_SPEAKS, WHO_TRANSCRIBES, CannotSpeak, CannotTranscribe, is_absent
from provider.core.audio.routes import THERE, worth_trying
from provider.core.backends import Backend
from provider.core.classify import classify
from provider.core.dispatch import Target, dispatch
from provider.core.http import Reply
from provider.core.wire.failure import Failure, read_failure

# What is not about the question that was left out.
WRONG_ALREADY = (errors.Unauthorized, errors.ModelMissing, errors.BadSetting, errors.Loading, errors.Busy)
NOT_LOADED = "not loaded"  # a router that knows the model, and was told not to load it


def check_transcription(target: Target) -> None:
    """Raises `CannotTranscribe` with the remedy, or what else is wrong. What the server said itself is believed."""
    if target.info.speech2text is False:
        raise CannotTranscribe(f"{target.info.name} takes no recordings, its server says. {WHO_TRANSCRIBES}")
    if target.info.speech2text is None:
        dispatch(target, "speech2text", _try_to_transcribe)


def check_speech(target: Target) -> None:
    """Raises `CannotSpeak` with the remedy, or what else is wrong. What the server said itself is believed."""
    if target.info.tts is False:
        raise CannotSpeak(f"{target.info.name} does not speak, its server says. {WHO_SPEAKS}")
    if target.info.tts is None:
        dispatch(target, "tts", _try_to_speak)


def _try_to_transcribe(backend: Backend, model: str) -> None:
    said: list[Failure] = []
    for route in worth_trying(backend):
        absent = _why_absent(backend, model, route.knock(backend, model))
        if not absent:
            return
        said.append(absent)
    raise transcription.cannot(backend, model, said[0])


def _try_to_speak(backend: Backend, model: str) -> None:
    """Without a text there is nothing to speak."""
    reply = backend.http.get(speech.PATH)
    if reply.status != THERE:
        reply = backend.http.post(speech.PATH, {"model": model})
    if absent := _why_absent(backend, model, reply):
        raise speech.cannot(backend, model, absent)


def _why_absent(backend: Backend, model: str, reply: Reply) -> Failure | None:
    """`None` when somebody is there, who mostly complains that the question is incomplete."""
    failure = read_failure(reply.body, reply.status)
    if reply.status == THERE or NOT_LOADED in failure.words:
        return None
    if is_absent(failure):
        return failure
    if not reply.ok and classify(failure) in WRONG_ALREADY:
        raise backend.explained(failure, model, reply.headers.get("Location", ""))
    return None
