"""Sound to text, and text to sound.

transcription  one recording → its text
├── routes        where and how each kind of server wants a recording
speech         one text → sound, as it comes
├── sentences     long texts, cut where a speaker would breathe
├── voices        which voices there are
checking       whether a server can do either, found without doing it
refusals       what a refusal means here, and what to do
learned        what is remembered of a server
"""

from provider.core.audio.checking import check_speech, check_transcription
from provider.core.audio.refusals import CannotSpeak, CannotTranscribe, no_model
from provider.core.audio.request import WORD_LIMIT, Recording, Speech
from provider.core.audio.speech import sound_of, speak
from provider.core.audio.transcription import transcribe
from provider.core.audio.voices import OPENAI_VOICES, voices

__all__ = [
    "OPENAI_VOICES",
    "WORD_LIMIT",
    "CannotSpeak",
    "CannotTranscribe",
    "Recording",
    "Speech",
    "check_speech",
    "check_transcription",
    "no_model",
    "sound_of",
    "speak",
    "transcribe",
    "voices",
]
