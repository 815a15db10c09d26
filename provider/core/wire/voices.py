"""Lists of voices, in all the shapes speech servers give them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LISTS = ("voices", "data", "speakers", "results")
IDS = ("id", "voice_id", "value", "name", "voice", "label")
NAMES = ("name", "label", "display_name", "id", "voice_id")
CODE_LENGTHS = (2, 3)  # what is longer is no code: “multilingual”
LANGUAGES = ("language", "languages", "lang", "locale")
# Three letters and other codes, where Dify says two.
SAME = {
    "cmn": "zh", "zho": "zh", "chi": "zh", "yue": "zh", "eng": "en", "jpn": "ja", "deu": "de", "ger": "de", "fra": "fr",
    "fre": "fr", "spa": "es", "por": "pt", "ita": "it", "hin": "hi", "kor": "ko", "rus": "ru", "nld": "nl", "pol": "pl",
    "tur": "tr", "ukr": "uk", "vie": "vi", "ara": "ar", "fas": "fa", "tha": "th", "ron": "ro", "slv": "sl",
}  # fmt: skip
# Kokoro's names begin with the language and the sex: af_heart, zm_yunxi.
KOKORO = re.compile(r"[abefhijpz][fm]_\w+")
KOKORO_LANGUAGES = {
    "a": "en", "b": "en", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt", "z": "zh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """`languages` are codes of two letters; empty when the server does not say."""

    id: str
    name: str
    languages: tuple[str, ...] = ()


def read_voices(value: Any) -> tuple[Voice, ...]:
    """Empty when it is no list of voices."""
    listed = _list(value)
    voices = {voice.id: voice for each in listed if (voice := _voice(each))}
    return tuple(_with_kokoro_languages(list(voices.values())))


def for_language(voices: tuple[Voice, ...], language: str | None) -> tuple[Voice, ...]:
    """Those that speak it or do not say; all, when that leaves none."""
    wanted = primary(language or "")
    if not wanted:
        return voices
    return tuple(voice for voice in voices if not voice.languages or wanted in voice.languages) or voices


def primary(language: str) -> str:
    """`zh-Hans` and `cmn` → `zh`."""
    code = re.split(r"[-_]", language.strip().lower(), maxsplit=1)[0]
    return SAME.get(code, code)


def _list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = next((value[key] for key in LISTS if isinstance(value.get(key), list | dict)), None)
    if isinstance(value, dict):  # by name
        return [{**each, "id": key} if isinstance(each, dict) else key for key, each in value.items()]
    return value if isinstance(value, list) else []


def _voice(entry: Any) -> Voice | None:
    if isinstance(entry, str):
        return Voice(entry, entry) if entry else None
    if not isinstance(entry, dict):
        return None
    found = _first(entry, IDS)
    return Voice(found, _first(entry, NAMES) or found, _languages(entry)) if found else None


def _first(entry: Mapping[str, Any], keys: Iterable[str]) -> str:
    return next((entry[key] for key in keys if isinstance(entry.get(key), str) and entry[key]), "")


def _languages(entry: Mapping[str, Any]) -> tuple[str, ...]:
    given = next((entry[key] for key in LANGUAGES if entry.get(key)), ())
    codes = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return tuple(
        dict.fromkeys(code for each in codes if isinstance(each, str) and len(code := primary(each)) in CODE_LENGTHS)
    )


def _with_kokoro_languages(voices: list[Voice]) -> list[Voice]:
    """Where most names are Kokoro's, all that follow its rule tell their language."""
    told = [voice for voice in voices if KOKORO.fullmatch(voice.id) and not voice.languages]
    if 2 * len(told) <= len(voices):
        return voices
    return [Voice(each.id, each.name, (KOKORO_LANGUAGES[each.id[0]],)) if each in told else each for each in voices]
