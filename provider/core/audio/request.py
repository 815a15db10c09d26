"""What is asked of a speech model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Characters in one request to speak, about a minute: the first sound comes sooner, and OpenAI's limit of 4096 is far.
WORD_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Recording:
    """`language` is a code such as `de`; empty: the server finds out. `extra` are fields for every request."""

    data: bytes = field(repr=False)
    language: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speech:
    """`voice` empty: the first of `voices`, which was typed into the form; if that is empty too, the server's first."""

    text: str
    voice: str = ""
    voices: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
