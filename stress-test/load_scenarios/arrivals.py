"""When open-loop requests are due: seconds from the start of a stage, in order, the same whoever sends them."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count, islice, takewhile
from random import Random
from typing import Any, Literal

type Times = Iterator[float]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """`rate` and `to_rate` are requests a second, of all processes together; `seconds` 0 is without end."""

    kind: Literal["steady", "burst", "trace"] = "steady"
    rate: float = 0.0
    to_rate: float = 0.0
    """A ramp ends here; 0: the rate stays."""
    poisson: bool = False
    seconds: float = 0.0
    size: int = 0
    every: float = 0.0
    at: tuple[float, ...] = ()
    seed: int = 0

    def to_wire(self) -> dict[str, Any]:
        return {**asdict(self), "at": list(self.at)}

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> "Arrivals":
        made: dict[str, Any] = wire | {"at": tuple(wire["at"])}
        return cls(**made)

    def times(self) -> Times:
        """All of them."""
        endless = {"steady": self._steady, "burst": self._burst, "trace": lambda: iter(self.at)}[self.kind]()
        return takewhile(lambda at: at < self.seconds, endless) if self.seconds else endless

    def share(self, index: int, of: int) -> Iterator[tuple[int, float]]:
        """The number and time of each `of`-th, from `index` on: what one process sends."""
        return islice(enumerate(self.times()), index, None, of)

    def due_before(self, seconds: float) -> int:
        """How many were due in so many seconds of the stage."""
        return sum(1 for _ in takewhile(lambda at: at < seconds, self.times()))

    def _steady(self) -> Times:
        if not self.to_rate or self.to_rate == self.rate:
            return (unit / self.rate for unit in self._units())
        return self._ramp((self.to_rate - self.rate) / self.seconds)

    def _ramp(self, slope: float) -> Times:
        """Where rate × t + slope × t² / 2, the requests due until t, reaches each unit."""
        for unit in self._units():
            root = self.rate**2 + 2 * slope * unit
            if root < 0:
                return
            yield (math.sqrt(root) - self.rate) / slope

    def _units(self) -> Times:
        """0, 1, 2 … for a constant rate; a Poisson process has gaps of 1 on average, and none before the first."""
        if not self.poisson:
            yield from map(float, count())
            return
        random, at = Random(self.seed), 0.0
        while True:
            at += random.expovariate(1.0)
            yield at

    def _burst(self) -> Times:
        return (number * self.every for number in count() for _ in range(self.size))
