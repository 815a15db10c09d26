"""One call of a speech model, and the saving of its form."""

from collections.abc import Callable, Generator, Mapping, MutableMapping
from contextlib import closing
from typing import IO, Any

from dify_plugin.entities.model import AIModelEntity

from provider.calls.validation import refused, without_facts
from provider.core import audio, inspection
from provider.core.audio import OPENAI_VOICES, Recording, Speech
from provider.core.dispatch import Target, addressed
from provider.core.errors import ModelMissing, ServerError
from provider.core.tasks import Task
from provider.core.wire.sound import MP3
from provider.core.wire.voices import Voice, for_language
from provider.dify.audio import read_language, read_voices, speech2text_entity, to_dify_voices, tts_entity
from provider.dify.credentials import DETECTED, Credentials, read_credentials
from provider.dify.errors import dify_errors


def transcribe(model: str, form: Mapping[str, Any], file: IO[bytes]) -> str:
    credentials = read_credentials(form)
    recording = Recording(file.read(), read_language(form), credentials.extra_body)
    return audio.transcribe(_target(model, credentials), recording)


def speak(model: str, form: Mapping[str, Any], text: str, voice: str) -> Generator[bytes]:
    """Send the text; a refusal is raised here, before the first sound."""
    credentials = read_credentials(form)
    speech = Speech(text, voice, read_voices(form), credentials.extra_body)
    return audio.speak(_target(model, credentials), speech)


def streamed(sound: Generator[bytes]) -> Generator[bytes]:
    """Errors in mid-stream in Dify's words; closing this closes the server's socket."""
    with dify_errors(), closing(sound):
        yield from sound


def voices(model: str, form: Mapping[str, Any], language: str | None) -> list[dict[str, str]]:
    found = audio.voices(_target(model, read_credentials(form)), read_voices(form))
    return to_dify_voices(for_language(found, language))


def mime_type(model: str, form: Mapping[str, Any]) -> str:
    """Dify hears it before the first sound, so it is what this server last sent."""
    try:
        return audio.sound_of(_target(model, read_credentials(form))).mime_type
    except ServerError:
        return MP3.mime_type


def speech2text_schema(model: str) -> AIModelEntity:
    return speech2text_entity(model)


def tts_schema(model: str, form: Mapping[str, Any]) -> AIModelEntity:
    """Must not fail: a model whose schema fails disappears from Dify's lists without a word."""
    names = read_voices(form) or OPENAI_VOICES
    try:
        sound = audio.sound_of(_target(model, read_credentials(form)))
    except ServerError:
        sound = MP3
    return tts_entity(model, [Voice(name, name) for name in names], sound)


def validate_speech2text(model: str, form: MutableMapping[str, Any]) -> None:
    """The server has the model and takes recordings; nothing is transcribed for that.

    Raises:
        CredentialsValidateFailedError: with the cause and the remedy.
    """
    with refused():
        read_language(form)
        _keep(model, form, "speech2text", audio.check_transcription)


def validate_tts(model: str, form: MutableMapping[str, Any]) -> None:
    """The server has the model and speaks; nothing is spoken for that.

    Raises:
        CredentialsValidateFailedError: with the cause and the remedy.
    """
    with refused():
        _keep(model, form, "tts", audio.check_speech)


def _keep(model: str, form: MutableMapping[str, Any], task: Task, check: Callable[[Target], None]) -> None:
    asked = read_credentials(without_facts(form))
    instances, name = addressed(asked.instances, asked.model_name or model)
    try:
        found = inspection.inspect_model(asked.server, instances, asked.asked, name, task)
    except ModelMissing as error:
        raise audio.no_model(_target(model, asked), task, error) from error
    form[DETECTED] = found.dumps()
    check(_target(model, read_credentials(form)))


def _target(model: str, credentials: Credentials) -> Target:
    name = credentials.model_name or model
    return Target(credentials.server, credentials.instances, name, credentials.model(name))
