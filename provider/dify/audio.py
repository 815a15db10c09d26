"""Dify's speech calls ↔ ours: the form's fields, voices, the schemas."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import AIModelEntity, FetchFrom, ModelPropertyKey, ModelType

from provider.core.audio.request import WORD_LIMIT
from provider.core.errors import BadSetting
from provider.core.wire.sound import Sound
from provider.core.wire.voices import Voice
from provider.dify import settings

EXTENSIONS = "flac,m4a,mp3,mp4,mpeg,mpga,ogg,wav,webm"
LARGEST = 25  # MB; what Ollama and OpenAI take
LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*", re.IGNORECASE)
DETECTED = ("", "auto", "detect", "detected")


def read_language(form: Mapping[str, Any]) -> str:
    """A code such as `de`; empty: the server finds out. Raises `BadSetting`."""
    given = settings.text(form, "language")
    if given.lower() in DETECTED:
        return ""
    found = LANGUAGE.fullmatch(given)
    if not found:
        raise BadSetting(f"language must be a code such as en, zh or pt, or empty to find out, not “{given}”")
    return found[1].lower()


def read_voices(form: Mapping[str, Any]) -> tuple[str, ...]:
    """The first is the one that speaks when Dify names none."""
    names = (name.strip() for name in re.split(r"[,;\n，；、]", settings.text(form, "voices")))
    return tuple(dict.fromkeys(name for name in names if name))


def to_dify_voices(voices: Sequence[Voice]) -> list[dict[str, str]]:
    return [{"name": voice.name, "value": voice.id} for voice in voices]


def speech2text_entity(name: str) -> AIModelEntity:
    return _entity(
        name,
        ModelType.SPEECH2TEXT,
        {
            ModelPropertyKey.FILE_UPLOAD_LIMIT: LARGEST,
            ModelPropertyKey.SUPPORTED_FILE_EXTENSIONS: EXTENSIONS,
        },
    )


def tts_entity(name: str, voices: Sequence[Voice], sound: Sound) -> AIModelEntity:
    """Never asks the network: the list of a server's voices is asked for by a call of its own."""
    return _entity(
        name,
        ModelType.TTS,
        {
            ModelPropertyKey.DEFAULT_VOICE: voices[0].id,
            ModelPropertyKey.VOICES: [
                {"mode": voice.id, "name": voice.name, "language": list(voice.languages)} for voice in voices
            ],
            ModelPropertyKey.AUDIO_TYPE: sound.extension,
            ModelPropertyKey.WORD_LIMIT: WORD_LIMIT,
            ModelPropertyKey.MAX_WORKERS: 1,  # a local server speaks one sentence after the other
        },
    )


def _entity(name: str, kind: ModelType, properties: dict[ModelPropertyKey, Any]) -> AIModelEntity:
    return AIModelEntity(
        model=name,
        label=I18nObject(en_US=name),
        model_type=kind,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        model_properties=properties,
        parameter_rules=[],
    )
