"""The same question, as different people type it; and words that nobody has used before."""

from collections.abc import Callable
from random import Random
from string import ascii_lowercase

from scripts.embedded.training.chances import chance, drawn
from scripts.embedded.training.corpus import PHRASES

CONSONANTS, VOWELS = "bcdfghklmnprst", "aeiou"
SHORTEST_WITH_TYPO = 5


def in_english(question: str, random: Random) -> str:
    written = drawn(CASES, random)
    before = random.choice(PHRASES["before"]["english"]) if chance(0.5, random) else ""
    after = "" if question.endswith(("?", "!", ".")) else random.choice(PHRASES["after"]["english"])
    return written(_with_typo(before + question + after, random))


def in_chinese(question: str, random: Random) -> str:
    before = random.choice(PHRASES["before"]["chinese"]) if chance(0.5, random) else ""
    return before + question + random.choice(PHRASES["after"]["chinese"])


def capitalized(text: str) -> str:
    """Unlike `str.capitalize`, it leaves the other letters alone."""
    return text[0].upper() + text[1:]


def made_up_word(random: Random, shortest: int = 3, longest: int = 8) -> str:
    length = random.randrange(shortest, longest + 1)
    return "".join(random.choice(VOWELS if at % 2 else CONSONANTS) for at in range(length))


def made_up_text(random: Random) -> str:
    """Words that the model can only copy, not remember."""
    return " ".join(_any_word(random) for _ in range(random.randrange(1, 6)))


def _any_word(random: Random) -> str:
    nouns, adjectives = PHRASES["nouns"], PHRASES["adjectives"]
    return random.choice(
        [made_up_word(random), random.choice(nouns), random.choice(adjectives), str(random.randrange(1000))]
    )


def _with_typo(text: str, random: Random) -> str:
    if len(text) < SHORTEST_WITH_TYPO or not chance(0.12, random):
        return text
    at = random.randrange(1, len(text) - 1)
    return text[:at] + drawn(TYPOS, random)(text[at], text[at + 1], random) + text[at + 2 :]


def _left_out(_: str, following: str, __: Random) -> str:
    return following


def _doubled(letter: str, following: str, _: Random) -> str:
    return letter + letter + following


def _swapped(letter: str, following: str, _: Random) -> str:
    return following + letter


def _mistaken(_: str, following: str, random: Random) -> str:
    return random.choice(ascii_lowercase) + following


TYPOS: list[tuple[float, Callable[[str, str, Random], str]]] = [
    (0.40, _left_out),
    (0.70, _doubled),
    (0.85, _swapped),
    (1.00, _mistaken),
]
CASES: list[tuple[float, Callable[[str], str]]] = [
    (0.35, capitalized),
    (0.40, str.upper),
    (0.48, str.title),
    (1.00, str),
]
