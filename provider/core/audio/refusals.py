"""What a refusal means when it is about sound, and what to do about it."""

import re

from provider.core import errors
from provider.core.backends import Backend
from provider.core.classify import classify
from provider.core.dispatch import Target
from provider.core.inspection import AUTO
from provider.core.tasks import Task
from provider.core.wire.failure import Failure

WHO_TRANSCRIBES = (
    "Servers that transcribe: whisper.cpp (whisper-server), Speaches, LocalAI, vLLM with a Whisper model, KoboldCpp "
    "with --whispermodel, Lemonade; Ollama 0.20 with a model that hears, llama-server with one and its --mmproj FILE."
)
WHO_SPEAKS = (
    "Servers that speak: Kokoro-FastAPI, Speaches, openedai-speech, LocalAI, KoboldCpp with --ttsmodel, Lemonade. "
    "Ollama, llama.cpp and LM Studio do not."
)
ABSENT = (404, 405, 501)
NOTHING_BEHIND = re.compile(
    r"unexpected endpoint|does not support (the )?(transcription|speech|tts|audio)", re.IGNORECASE
)
TOO_LARGE = re.compile(r"too large|exceeds? the (maximum|limit)|size limit|maximum .{0,20}size", re.IGNORECASE)
UNDECODED = re.compile(
    r"failed to (read|load|decode).{0,20}(audio|wav|sound)|invalid request$|unsupported (audio|file|format)"
    r"|(could not|cannot|unable to) decode|ffmpeg|libsndfile|invalid data found|only .{0,10}wav",
    re.IGNORECASE,
)
PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA = 413, 415
MEGABYTE = 1024 * 1024


class CannotTranscribe(errors.Rejected):
    """The server, or this model on it, takes no recordings."""


class CannotSpeak(errors.Rejected):
    """The server, or this model on it, does not speak."""


def no_model(target: Target, task: Task, error: errors.ModelMissing) -> errors.ServerError:
    """`auto` found no model for this; the server cannot know what to do about that."""
    if target.model != AUTO:
        return error
    return CannotSpeak(f"{error} {WHO_SPEAKS}") if task == "tts" else CannotTranscribe(f"{error} {WHO_TRANSCRIBES}")


class Absent(Exception):
    """The route is not there; another one may be. `failure` is how that was said."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


def is_absent(failure: Failure) -> bool:
    """No such route, or nothing behind it; LM Studio says that with status 200, vLLM with 500."""
    if NOTHING_BEHIND.search(failure.words):
        return True
    return failure.status in ABSENT and classify(failure) is not errors.ModelMissing


def is_telling(failure: Failure) -> bool:
    """Whether the server said more than that there is no such path."""
    return failure.status not in (404, 405) and "unexpected endpoint" not in failure.words.lower()


def refused_recording(backend: Backend, model: str, failure: Failure, size: int) -> errors.ServerError:
    """Two remedies that no other request needs; the rest is as everywhere."""
    if failure.status == PAYLOAD_TOO_LARGE or TOO_LARGE.search(failure.words):
        return _with_remedy(
            backend,
            failure,
            f"The recording has {size / MEGABYTE:.1f} MB: shorten it or send it as MP3. Ollama and OpenAI take 25 MB, "
            "a proxy in front of the server may take less.",
        )
    if failure.status == UNSUPPORTED_MEDIA or UNDECODED.search(failure.words):
        return _with_remedy(
            backend,
            failure,
            "It cannot decode this recording: send WAV, MP3 or FLAC, or start whisper-server with --convert "
            "(it needs ffmpeg).",
        )
    return backend.explained(failure, model)


def _with_remedy(backend: Backend, failure: Failure, remedy: str) -> errors.Rejected:
    said = f"“{failure.words}” (HTTP {failure.status})" if failure.words else f"HTTP {failure.status}"
    return errors.Rejected(f"{backend.label} at {backend.url} said {said}. {remedy}")
