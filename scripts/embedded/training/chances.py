"""Dice for the corpus."""

from collections.abc import Sequence
from random import Random


def dice(seed: int) -> Random:
    """The same seed, the same corpus."""
    return Random(seed)  # noqa: S311 - nothing here is secret


def chance(share: float, random: Random) -> bool:
    """True so often."""
    return random.random() < share


def drawn[Thing](things: Sequence[tuple[float, Thing]], random: Random) -> Thing:
    """One of several things; each comes with its own share added to those before it, up to 1."""
    at = random.random()
    return next(thing for up_to, thing in things if at < up_to)
