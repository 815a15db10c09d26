"""Vectors as Dify can keep them: of one size, with finite numbers, never all zero, and short when written down."""

import math
import time

from provider.core import errors
from provider.core.wire.embeddings import Unreadable, Vector

DIGITS = 7  # significant ones: what a 32-bit float holds
NUMBER = 14  # bytes of one rounded number in an answer, comma and margin included
LINE = (4 << 20) - (64 << 10)  # bytes for numbers: Dify's daemon ends the plugin at a line over 5 MiB


def most_in_one_answer(size: int) -> int:
    """Vectors of so many numbers that fit into one line of output."""
    return max(1, LINE // (max(size, 1) * NUMBER))


def checked(vectors: list[Vector]) -> list[Vector]:
    """The same. Raises `Unreadable` for what no vector store could keep."""
    for at, vector in enumerate(vectors):
        if not _is_finite(vector):
            raise Unreadable(f"vector {at + 1} of {len(vectors)} holds values that are no numbers (NaN or infinite)")
    if len(sizes := {len(vector) for vector in vectors}) > 1 or 0 in sizes:
        raise Unreadable(f"its vectors have different sizes ({', '.join(map(str, sorted(sizes)))})")
    return vectors


def finished(vectors: list[Vector], dimensions: int | None) -> list[Vector]:
    """Cut to `dimensions`, and rounded.

    Raises:
        BadSetting: more dimensions are wished than the model has.
    """
    finished: list[Vector] = []
    for vector in vectors:
        finished.append(_rounded(_direction(_cut(vector, dimensions))))
        time.sleep(0)  # rounding takes milliseconds, and other answers of this process stream on meanwhile
    return finished


def _cut(vector: Vector, dimensions: int | None) -> Vector:
    """What servers do for `dimensions` themselves: the first numbers, made a vector of length 1 again."""
    if not dimensions or dimensions == len(vector):
        return vector
    if dimensions > len(vector):
        raise errors.BadSetting(
            f"dimensions is {dimensions}, but the model's vectors have {len(vector)} numbers: "
            f"leave it empty, or type at most {len(vector)}"
        )
    shorter = vector[:dimensions]
    length = math.hypot(*shorter)
    return [number / length for number in shorter] if length else shorter


def _direction(vector: Vector) -> Vector:
    """Some models give nothing but zeros for an empty text.

    Dify divides by the length, drops the vector that was no number then, and every later text of the batch gets its
    neighbour's vector. A direction that means nothing keeps all in place.
    """
    return vector if any(vector) else [1 / math.sqrt(len(vector))] * len(vector)


def _rounded(vector: Vector) -> Vector:
    return [float(f"{number:.{DIGITS}g}") for number in vector]


def _is_finite(vector: Vector) -> bool:
    try:
        return math.isfinite(sum(vector))
    except (TypeError, OverflowError):  # JSON has no NaN: servers write null; nor has it a largest number
        return False
