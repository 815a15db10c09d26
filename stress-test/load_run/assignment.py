"""What a process that makes load is told at the start; a plain message, so that it needs no files of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from load_client import Timeouts
from load_scenarios.prompts import Prompt
from load_scenarios.target import Target


@dataclass(frozen=True, slots=True)
class Assignment:
    """Process `index` of `of`. The targets hold the keys, as Locust's own options would."""

    run: str
    """In every salt, so that no two runs say the same."""
    targets: tuple[Target, ...]
    prompts: tuple[Prompt, ...]
    index: int = 0
    of: int = 1
    salt: bool = True
    reuse: bool = True
    wait: tuple[float, float] = (0.0, 0.0)
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: Mapping[str, float] = field(default_factory=dict)
    """What a good request keeps."""
    max_in_flight: int = 1000
    """Of all processes."""

    def to_wire(self) -> dict[str, Any]:
        targets, prompts = [each.to_wire() for each in self.targets], [each.to_wire() for each in self.prompts]
        rest = {name: getattr(self, name) for name in ("run", "index", "of", "salt", "reuse", "max_in_flight")}
        limits = dict(self.limits)
        return (
            rest
            | {"targets": targets, "prompts": prompts, "wait": list(self.wait), "limits": limits}
            | {"timeouts": asdict(self.timeouts)}
        )

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> "Assignment":
        made: dict[str, Any] = dict(wire) | {
            "targets": tuple(Target.from_wire(each) for each in wire["targets"]),
            "prompts": tuple(Prompt.from_wire(each) for each in wire["prompts"]),
            "wait": tuple(wire["wait"]),
            "timeouts": Timeouts(**wire["timeouts"]),
        }
        return cls(**made)


def share(number: int, index: int, of: int) -> int:
    """How many of so many are for process `index` of `of`."""
    return number // of + (index < number % of)


def all_of(assignment: Assignment, workers: Sequence[str]) -> dict[str, Assignment]:
    """One for each worker."""
    return {worker: replace(assignment, index=index, of=len(workers)) for index, worker in enumerate(workers)}
