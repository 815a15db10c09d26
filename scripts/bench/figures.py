"""Numbers out of many measurements, robust against the few that were disturbed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Pairs:
    """The same thing measured on two sides, each pair at nearly the same time, so that noise hits both."""

    values: Sequence[float]
    references: Sequence[float]

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def reference(self) -> float:
        return median(self.references)

    def ratios(self) -> list[float]:
        return [value / reference for value, reference in zip(self.values, self.references, strict=True)]

    def differences(self) -> list[float]:
        return [value - reference for value, reference in zip(self.values, self.references, strict=True)]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed: never one that was not measured."""
    ranked = sorted(values)
    return ranked[max(math.ceil(len(ranked) * percent / 100), 1) - 1]


def middle_half(values: Sequence[float]) -> tuple[float, float]:
    """Between these lies half of the values: how far the rounds agree."""
    return percentile(values, 25), percentile(values, 75)
