"""A request that came in, and the response that goes out: in pieces, with pauses, and with an end of one's choice."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import cycle
from typing import Any, Self

from tests.servers.bodies import compact

type Step = bytes | float  # a piece of the body, sent at once; or seconds of silence
type Script = Callable[[Request], Response]


class End(Enum):
    PROPER = "the body is complete, and the connection stays open"
    CLOSE = "the connection is closed in the normal way, whether the body is complete or not"
    RESET = "the connection breaks with a reset"
    HANG = "silence, until the client goes away"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    connection: int  # 1 for the first that the server accepted

    @property
    def json(self) -> Any:
        """`None` when the body is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def keys(self) -> list[str]:
        """By what a test may name it, the most exact first: with or without method and query."""
        bare = self.path.partition("?")[0]
        return [f"{self.method} {self.path}", f"{self.method} {bare}", self.path, bare]


@dataclass(frozen=True, slots=True)
class Forever:
    """Steps again and again, until the client goes away."""

    steps: tuple[Step, ...]

    def __iter__(self) -> Iterator[Step]:
        return cycle(self.steps)


@dataclass(frozen=True, slots=True)
class Response:
    """`chunked`: each piece is one HTTP chunk, as Go's servers write.

    Otherwise the length is told in advance, unless the body ends with the connection (`End.CLOSE`). Headers given here
    win: a `Content-Length` that is too long, with `End.CLOSE`, is a body that was cut.
    """

    status: int = 200
    steps: Iterable[Step] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False
    end: End = End.PROPER
    delay: float = 0.0  # seconds before the status line

    @classmethod
    def of_json(cls, value: Any, status: int = 200, **headers: str) -> Self:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, [compact(value)], {"Content-Type": "application/json", **named})

    @classmethod
    def of_text(cls, text: str, status: int = 200, content_type: str = "text/plain") -> Self:
        return cls(status, [text.encode()], {"Content-Type": content_type})

    @classmethod
    def stream(cls, steps: Iterable[Step], content_type: str = "text/event-stream", end: End = End.PROPER) -> Self:
        return cls(200, steps, {"Content-Type": content_type}, chunked=True, end=end)

    @classmethod
    def ndjson(cls, steps: Iterable[Step], end: End = End.PROPER) -> Self:
        return cls.stream(steps, "application/x-ndjson", end)

    @property
    def body(self) -> bytes:
        """What a patient client would read; with `Forever`, it needs more patience than there is."""
        return b"".join(step for step in self.steps if isinstance(step, bytes))

    def but(self, **changes: Any) -> "Response":
        """The same with other fields."""
        return replace(self, **changes)
