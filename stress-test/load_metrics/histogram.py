"""A mergeable histogram of whole numbers ≥ 0 with a relative error of at most 0.05 %."""

from collections import Counter
from collections.abc import Iterable, Mapping

# 11 bits of mantissa: a bucket is at most 1/1024 of its value wide, and its middle is told.
MANTISSA = 11


class Histogram:
    """Log-linear buckets, kept only where something fell; minimum, maximum and sum are exact."""

    __slots__ = ("buckets", "count", "highest", "lowest", "total")

    def __init__(self) -> None:
        self.buckets: Counter[int] = Counter()
        self.count = self.total = self.lowest = self.highest = 0

    def add(self, value: int) -> None:
        """Count one value; what is below 0 counts as 0."""
        value = max(value, 0)
        self.lowest = min(self.lowest, value) if self.count else value
        self.highest = max(self.highest, value)
        self.count += 1
        self.total += value
        shift = max(value.bit_length() - MANTISSA, 0)
        self.buckets[(shift << MANTISSA) + (value >> shift)] += 1

    def extend(self, values: Iterable[int]) -> None:
        for value in values:
            self.add(value)

    def merge(self, other: "Histogram") -> None:
        """Add what another one counted: the result is that of one histogram for both."""
        if not other.count:
            return
        self.lowest = min(self.lowest, other.lowest) if self.count else other.lowest
        self.highest = max(self.highest, other.highest)
        self.count += other.count
        self.total += other.total
        self.buckets.update(other.buckets)

    def percentile(self, percent: float) -> float | None:
        """The value that `percent` of all are at or below (nearest rank); `None` of nothing."""
        rank = max(1, -(-self.count * percent // 100))
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                return min(max(_middle(bucket), self.lowest), self.highest)
        return None

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None

    def to_wire(self) -> dict[str, list[int]]:
        """Plain numbers, for a message to another process."""
        pairs = [number for pair in sorted(self.buckets.items()) for number in pair]
        return {"n": [self.count, self.total, self.lowest, self.highest], "b": pairs}

    @classmethod
    def from_wire(cls, wire: Mapping[str, list[int]]) -> "Histogram":
        made = cls()
        made.count, made.total, made.lowest, made.highest = wire["n"]
        made.buckets.update(dict(zip(wire["b"][::2], wire["b"][1::2], strict=True)))
        return made


def _middle(bucket: int) -> float:
    """The middle of what falls into a bucket."""
    shift, mantissa = bucket >> MANTISSA, bucket & ((1 << MANTISSA) - 1)
    return (mantissa << shift) + ((1 << shift) - 1) / 2
