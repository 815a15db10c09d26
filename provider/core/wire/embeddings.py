"""Vectors as servers write them: OpenAI's, Ollama's and TEI's answers; numbers in JSON or in base64."""

import base64
import binascii
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from provider.core.wire.shapes import mapping, name

type Vector = list[float]

FLOAT = 4  # bytes


class Unreadable(ValueError):
    """An answer without usable vectors; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Vectors in the order of the question, and the tokens the server counted."""

    vectors: list[Vector]
    tokens: int | None = None


def read_openai(value: Any) -> Answer:
    """`data` with an `index` each, and `usage`."""
    data = _part(value, "data")
    usage = value.get("usage")
    vectors = [vector_of(_part(entry, "embedding", str)) for entry in _in_order(data)]
    return Answer(vectors, _count(usage, "prompt_tokens") or _count(usage, "total_tokens"))


def read_ollama(value: Any) -> Answer:
    """`embeddings`, already in order."""
    return Answer([vector_of(each) for each in _part(value, "embeddings")], _count(value, "prompt_eval_count"))


def read_bare(value: Any, tokens: str | None = None) -> Answer:
    """TEI's plain list; `tokens` is what its header X-Compute-Tokens says."""
    if not isinstance(value, list):
        raise Unreadable("it is no list of vectors")
    return Answer([vector_of(each) for each in value], int(tokens) if tokens and tokens.isdigit() else None)


def vector_of(numbers: Any) -> Vector:
    """From a list, or from base64 of little-endian 32-bit floats; some servers ignore which was asked for."""
    if isinstance(numbers, str):
        return _decoded(numbers)
    if not isinstance(numbers, list):
        raise Unreadable("a vector is no list of numbers")
    return numbers


def _decoded(text: str) -> Vector:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"a vector is no base64 ({error})") from error
    if len(data) % FLOAT:
        raise Unreadable(f"a vector has {len(data)} bytes, which are no 32-bit floats")
    numbers = array("f")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def _in_order(data: Sequence[Any]) -> Sequence[Any]:
    """By `index`, where each has one of its own: servers that compute in parallel answer in any order."""
    indices = [name(mapping(entry).get("index")) for entry in data]
    if len({index for index in indices if index.isdecimal()}) < len(data):
        return data
    return [entry for _, entry in sorted(zip(map(int, indices), data, strict=True), key=itemgetter(0))]


def _part(value: Any, name: str, *also: type) -> Any:
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, (list, *also)):
        raise Unreadable(f"it has no {name}")
    return found


def _count(value: Any, name: str) -> int | None:
    count = value.get(name) if isinstance(value, Mapping) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else None
