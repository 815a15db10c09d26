"""One scenario: whom to ask, and how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["dify", "ollama", "openai"]
ROUTES = {
    "workflow": "workflow",
    "advanced-chat": "chat",
    "chat": "chat",
    "agent-chat": "chat",
    "completion": "completion",
}
"""Dify's word for an app's mode, and the route that asks it."""


@dataclass(frozen=True, slots=True)
class Target:
    """`url` has no trailing slash; a Dify's ends in /v1, a model server's is its root."""

    name: str
    """The row in Locust's table."""
    kind: Kind
    url: str
    key: str = field(default="", repr=False)
    route: str = "chat"
    """Of a Dify app: workflow, chat or completion."""
    model: str = ""
    weight: int = 1
    streaming: bool = True
    turns: int = 1
    question: str = ""
    """The input of a Dify workflow that takes the prompt; a chat has a place of its own for it."""
    longest: int = 0
    """Characters which that input takes; 0: as many as wanted."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int = 0

    def to_wire(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> "Target":
        return cls(**wire)
