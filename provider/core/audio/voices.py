"""Which voices a server has."""

from urllib.parse import quote

from provider.core import errors
from provider.core.audio.request import Speech
from provider.core.backends import Backend
from provider.core.catalog import Memory
from provider.core.dispatch import Target, dispatch
from provider.core.wire.voices import Voice, read_voices

OPENAI_VOICES = ("alloy", "echo", "fable", "onyx", "nova", "shimmer")  # most servers map these to voices of their own
# docs/audio-servers.md says who has which. The first is about one model, the others about all of a server.
LISTS = ("/v1/models/{model}", "/v1/audio/voices", "/v1/voices", "/v1/audio/speech/voices", "/api/extra/speakers_list")

_voices = Memory()


def voices(target: Target, typed: tuple[str, ...] = ()) -> tuple[Voice, ...]:
    """What was typed, else what the server lists, else OpenAI's names. Never fails."""
    if typed:
        return named(typed)
    try:
        return dispatch(target, "tts", _listed) or named(OPENAI_VOICES)
    except errors.ServerError:
        return named(OPENAI_VOICES)  # asked again the next time


def chosen(backend: Backend, model: str, speech: Speech) -> str:
    """The voice to speak with. Servers want one to be named."""
    if speech.voice or speech.voices:
        return speech.voice or speech.voices[0]
    return next((voice.id for voice in known(backend, model)), OPENAI_VOICES[0])


def known(backend: Backend, model: str) -> tuple[Voice, ...]:
    """What the server lists, if it does."""
    try:
        return _listed(backend, model)
    except errors.ServerError:
        return ()


def named(names: tuple[str, ...]) -> tuple[Voice, ...]:
    return tuple(Voice(name, name) for name in names)


def _listed(backend: Backend, model: str) -> tuple[Voice, ...]:
    return _voices.get((backend.http.server, model), lambda: _asked(backend, model))


def _asked(backend: Backend, model: str) -> tuple[Voice, ...]:
    for path in LISTS:
        reply = backend.http.get(path.format(model=quote(model, safe="/")))
        if reply.ok and (found := read_voices(reply.json())):
            return found
    return ()
