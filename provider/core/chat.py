"""What a chat is, whichever server answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

type Role = Literal["system", "user", "assistant", "tool"]
type MediaKind = Literal["image", "audio", "video", "document"]


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a sound or a file in a message: its bytes as base64, or where they are."""

    kind: MediaKind
    mime_type: str = ""
    base64: str = field(default="", repr=False)
    url: str = ""

    @property
    def data_url(self) -> str:
        """`data:…;base64,…`, or the plain URL when the bytes are not here."""
        return f"data:{self.mime_type or 'application/octet-stream'};base64,{self.base64}" if self.base64 else self.url


@dataclass(slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(slots=True)
class Thinking:
    """A piece of what the model thinks before it answers."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A finished call; `arguments` is a JSON object, still encoded."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """All calls of one answer at once: whoever runs them must see each exactly once."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the server counted them or as we estimated them."""

    prompt_tokens: int
    completion_tokens: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The server said it was done: `stop`, `length` or `tool_calls`."""

    reason: str
    usage: Usage | None = None


type Event = Text | Thinking | ToolCalls | Finished


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; the parts of a content list keep their order."""

    role: Role
    parts: tuple[str | Media, ...] = ()
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    tool_name: str = ""

    @property
    def text(self) -> str:
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(part for part in self.parts if isinstance(part, Media))


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may ask for; `parameters` is its JSON schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to one model. `None` and empty mean: the server decides."""

    model: str
    messages: tuple[Message, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)  # by the names of core/parameters.py
    tools: tuple[Tool, ...] = ()
    stop: tuple[str, ...] = ()
    json_schema: Mapping[str, Any] | None = None
    json_mode: bool = False
    thinking: str | None = None  # off, on, low, medium, high, max
    completion: bool = False  # the plain completion route instead of the chat route
    context_length: int | None = None  # tokens; what was declared to Dify
    keep_alive: str = ""
    extra_body: Mapping[str, Any] = field(default_factory=dict)
