"""Scenarios by weight: `simple_qa_workflow=3,simple_qa_chatflow` is three of one for one of the other."""

import re
from collections.abc import Iterator, Sequence
from itertools import count

from load_scenarios.target import Target

EXAMPLE = "simple_qa_workflow=3,simple_qa_chatflow=1"


class BadMix(ValueError):
    """A mix that cannot be meant; the text says what can."""


def read(text: str) -> dict[str, int]:
    """Names and their weights."""
    parts = [part for part in re.split(r"[,\s]+", text.strip()) if part]
    return dict(_read_one(part) for part in parts)


def _read_one(part: str) -> tuple[str, int]:
    name, separator, weight = part.partition("=")
    if not name or (separator and not re.fullmatch(r"[1-9]\d{0,4}", weight)):
        raise BadMix(f"{part!r} is no scenario with a whole weight such as {EXAMPLE}")
    return name, int(weight) if separator else 1


def in_turn(targets: Sequence[Target], skip: int = 0) -> Iterator[Target]:
    """Endless, and as even as the weights allow: after every whole round the shares are exact."""
    order = _one_round(targets)
    return (order[index % len(order)] for index in count(skip))


def _one_round(targets: Sequence[Target]) -> list[Target]:
    """Smooth weighted round robin: each gains its weight, the richest is next and pays the sum."""
    total, credit = sum(each.weight for each in targets), [0] * len(targets)
    order = []
    for _ in range(total):
        credit = [have + each.weight for have, each in zip(credit, targets, strict=True)]
        richest = credit.index(max(credit))
        credit[richest] -= total
        order.append(targets[richest])
    return order
