"""Which voices a server has."""

from typing import Any
from urllib.parse import quote

from provider.core import errors
from provider.core.audio.request import Speech
from provider.core.backends import Backend
from provider.core.catalog import Memory
from provider.core.dispatch import Target, dispatch
from provider.core.wire.voices import Voice, read_voices

OPENAI_VOICES = ("alloy", "echo", "fable", "onyx", "nova", "shimmer")  # most servers map these to voices of their own
# docs/audio-servers.md says who has which.
LISTS = ("/v1/audio/voices", "/v1/voices", "/v1/audio/speech/voices", "/api/extra/speakers_list")

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
    """A model's own, before the mixture that servers with several models list."""
    own = _json(backend, f"/v1/models/{quote(model, safe='/')}")
    if isinstance(own, dict) and (found := read_voices(own.get("voices"))):
        return found
    return next((found for path in LISTS if (found := read_voices(_json(backend, path)))), ())


def _json(backend: Backend, path: str) -> Any:
    reply = backend.http.get(path)
    return reply.json() if reply.ok else None
