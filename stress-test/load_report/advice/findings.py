"""What a rule found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from load_report.advice.settings import Setting, told


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    """model, plugin, api_workers, database, client, network, none or unknown."""
    why: str
    settings: Sequence[Setting] = ()
    next: str = ""
    """What to measure to know more."""

    def told(self) -> dict[str, Any]:
        said = {"part": self.part, "why": self.why, "settings": told(self.settings)}
        return said | ({"next": self.next} if self.next else {})


def unknown(why: str, then: str) -> Finding:
    return Finding("unknown", why, next=then)
