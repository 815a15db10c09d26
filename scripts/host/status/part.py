"""One part of the status: how it is, in lines."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

type State = Literal["ok", "warn", "problem", "skip"]


@dataclass(frozen=True, slots=True)
class Line:
    """`fix` is one thing to do; `facts` are the same as numbers and names, for a program."""

    text: str
    state: State = "ok"
    fix: str = ""
    facts: Any = None


@dataclass(frozen=True, slots=True)
class Part:
    """`reason` says why there is nothing to tell."""

    name: str
    lines: tuple[Line, ...] = ()
    reason: str = ""

    @property
    def state(self) -> State:
        states = [line.state for line in self.lines]
        return next((state for state in ("problem", "warn", "ok") if state in states), "skip")

    def as_dict(self) -> dict[str, Any]:
        lines = [{key: value for key, value in asdict(line).items() if value not in ("", None)} for line in self.lines]
        return {
            "name": self.name,
            "state": self.state,
            "lines": lines,
            **({"reason": self.reason} if self.reason else {}),
        }
