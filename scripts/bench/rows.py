"""One line of the result: a value, what it is compared with, and the most it may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from scripts.bench.figures import Pairs, middle_half

type Comparison = Literal["ratio", "difference", "value"]

PER_ROUND: dict[Comparison, Callable[[Pairs], Sequence[float]]] = {
    "ratio": Pairs.ratios,
    "difference": Pairs.differences,
    "value": lambda pairs: pairs.values,
}
DIGITS = 4


@dataclass(frozen=True, slots=True)
class What:
    """What a row is about. `target` is the most that the comparison may come to; `None` is for information."""

    name: str
    title: str
    unit: str
    comparison: Comparison
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    what: What
    value: float
    reference: float
    result: float
    spread: tuple[float, float]
    rounds: int
    details: Mapping[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """`None` where there is no target."""
        return None if self.what.target is None else self.result <= self.what.target

    def as_dict(self) -> dict[str, Any]:
        what = self.what
        return {
            "name": what.name,
            "title": what.title,
            "unit": what.unit,
            "value": round(self.value, DIGITS),
            "reference": round(self.reference, DIGITS),
            "comparison": what.comparison,
            "result": round(self.result, DIGITS),
            "spread": [round(end, DIGITS) for end in self.spread],
            "target": what.target,
            "met": self.met,
            "rounds": self.rounds,
            "details": {name: round(value, DIGITS) for name, value in self.details.items()},
        }


def row(what: What, pairs: Pairs, details: Mapping[str, float] | None = None) -> Row:
    """The result is the median of what each round came to: a disturbance hits both sides of its round."""
    results = PER_ROUND[what.comparison](pairs)
    return Row(
        what, pairs.value, pairs.reference, median(results), middle_half(results), len(pairs.values), details or {}
    )
