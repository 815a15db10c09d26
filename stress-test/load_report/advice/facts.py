"""What the rules look at, read once from the document; what it does not say is `None`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    document: Json

    @property
    def kind(self) -> str:
        return (self.document.get("conditions") or {}).get("kind") or ""

    @property
    def totals(self) -> Json:
        return self.document.get("totals") or {}

    @property
    def errors(self) -> Sequence[Json]:
        return self.document.get("errors") or ()

    @property
    def steps(self) -> list[Json]:
        return sorted(self.document.get("steps") or (), key=lambda step: step["load"])

    @property
    def model(self) -> Json | None:
        """Figures of the model alone, under the same load."""
        return (self.document.get("comparison") or {}).get("model")

    def reason(self, state: str, *codes: str) -> str | None:
        """The text of the first reason of this state with one of these codes."""
        found = (self.document.get("verdict") or {}).get("reasons") or ()
        return next((each["text"] for each in found if each.get("state") == state and each["code"] in codes), None)


def latency(figures: Json | None, metric: str, stat: str) -> float | None:
    return ((figures or {}).get("latency") or {}).get(metric, {}).get(stat)


def throughput(figures: Json) -> float:
    return figures.get("output_tokens_per_s") or figures.get("requests_per_s") or 0.0


def finished(figures: Json) -> int:
    return figures.get("ok", 0) + figures.get("failed", 0)


def seconds(value: float) -> str:
    return f"{value / 1000:.2f} s"
