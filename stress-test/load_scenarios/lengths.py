"""Prompts of a wanted number of tokens without a tokenizer: the server counted two texts, a line goes through them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from load_scenarios.prompts import Prompt

WORDS = "the river runs past an old stone mill where people once made flour bread and paper for the whole town".split()
SHORT, LONG = 20, 220  # words of the two texts that are counted
EXAMPLE = "512 or 512:64, which is the mean and its standard deviation"


class BadLength(ValueError):
    """A length that cannot be meant or reached; the text says why."""


@dataclass(frozen=True, slots=True)
class Length:
    """In tokens."""

    mean: int
    deviation: int = 0

    @classmethod
    def read(cls, text: str) -> "Length":
        found = re.fullmatch(r"(\d{1,7})(?:[:±](\d{1,7}))?", text.strip())
        if not found or not int(found[1]):
            raise BadLength(f"{text!r} is no number of tokens such as {EXAMPLE}")
        return cls(int(found[1]), int(found[2] or 0))


@dataclass(frozen=True, slots=True)
class Scale:
    """Tokens of a prompt: `template`, which any prompt costs, and so many for each word."""

    template: float
    per_word: float

    @classmethod
    def through(cls, short_tokens: int, long_tokens: int) -> "Scale":
        """From what the server counted for SHORT and LONG words."""
        per_word = (long_tokens - short_tokens) / (LONG - SHORT)
        if per_word <= 0:
            raise BadLength(
                f"the server counted {short_tokens} tokens for {SHORT} words and {long_tokens} for {LONG}: "
                "lengths cannot be measured by it"
            )
        return cls(short_tokens - SHORT * per_word, per_word)

    def words(self, tokens: int) -> int:
        return max(1, round((tokens - self.template) / self.per_word))


def text(words: int, random: Random) -> str:
    """Words in another order each time; a text of the same word again and again would be cached."""
    return " ".join(random.choice(WORDS) for _ in range(words))


def prompts(length: Length, scale: Scale, number: int = 200, seed: int = 0) -> list[Prompt]:
    random = Random(seed)
    return [Prompt((text(scale.words(tokens), random),)) for tokens in _tokens(length, number, random)]


def _tokens(length: Length, number: int, random: Random) -> Iterator[int]:
    return (max(1, round(random.gauss(length.mean, length.deviation))) for _ in range(number))
