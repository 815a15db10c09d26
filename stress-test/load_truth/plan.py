"""What one answer will be: from the command line, and from the query of the request, which wins."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

FAULTS = (
    "none", "error", "failed", "cut", "empty", "silent", "http500", "http429", "http401", "throttled", "html", "broken"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Times in ms."""

    events: int = 10
    every: float = 20.0
    delay: float = 50.0
    """From the request to the first token."""
    per_event: int = 1
    """Tokens that each event counts as in the usage."""
    thinking: int = 0
    """How many of the events are thinking."""
    fault: str = "none"
    fault_every: int = 1
    """Only each so-many-th request has the fault."""

    def varied(self, query: Mapping[str, str]) -> "Plan":
        """With what the query says. Raises `ValueError` for what cannot be meant."""
        known = {name: type(getattr(self, name))(value) for name, value in query.items() if name in self.__slots__}
        plan = replace(self, **known)
        if plan.fault not in FAULTS:
            raise ValueError(f"{plan.fault!r} is no fault; there are {', '.join(FAULTS)}")
        return plan

    def for_request(self, number: int) -> "Plan":
        """The plan of the request with this number, from 1."""
        return self if number % self.fault_every == 0 else replace(self, fault="none")
