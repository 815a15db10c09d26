"""Put tool calls together from their pieces, whatever order and marks a server gives them."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from provider.core.chat import ToolCall
from provider.core.errors import BrokenStream, Rejected
from provider.core.wire.shapes import mapping, name


@dataclass(slots=True)
class _Call:
    index: str  # empty: none was given
    id: str
    name: str
    pieces: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    @property
    def complete(self) -> bool:
        return bool(self.arguments.strip()) and _as_object(self.arguments) is not None


class ToolCallAssembler:
    """Collects pieces in order of arrival; `finish` gives the calls, each exactly once."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, piece: dict[str, Any]) -> None:
        """Take one entry of a `tool_calls` list, whole or a fragment."""
        function = mapping(piece.get("function"))
        called, call_id = name(function.get("name")), name(piece.get("id"))
        index, arguments = name(piece.get("index", function.get("index"))), _encoded(function.get("arguments"))
        call = self._match(index, call_id, called)
        if call is None:
            call = _Call(index, call_id, called)
            self._calls.append(call)
        elif call_id and arguments == call.arguments and call.complete:
            return  # the same call told twice is one call
        call.id = call.id or call_id
        call.name = call.name or called
        call.pieces.append(arguments)

    def add_whole(self, call: dict[str, Any]) -> None:
        """Ollama's calls come whole: two of them never continue each other, even with one index."""
        function = mapping(call.get("function"))
        arguments = _encoded(function.get("arguments"))
        whole = _Call("", name(call.get("id")), name(function.get("name")), [arguments])
        if not whole.id or whole not in self._calls:  # the same call told twice is one call
            self._calls.append(whole)

    def finish(self, reason: str | None) -> tuple[ToolCall, ...]:
        """All calls, with unique ids and arguments that parse.

        Raises:
            Rejected: the answer was cut by its token limit inside a call.
            BrokenStream: a call came without a name or with arguments that are not a JSON object.
        """
        taken: set[str] = set()
        return tuple(_finished(call, reason, taken) for call in self._calls)

    def _match(self, index: str, call_id: str, called: str) -> _Call | None:
        """The call this piece continues. Two calls may share an index, or have none at all."""
        if call_id:
            if known := next((call for call in self._calls if call.id == call_id and call.index == index), None):
                return known
            nameless = self._last(index)
            return nameless if nameless and not nameless.id and not nameless.complete else None
        last = self._last(index)
        if last is None or (called and (last.complete or (last.name and last.name != called))):
            return None
        return last

    def _last(self, index: str) -> _Call | None:
        mine = [call for call in self._calls if not index or call.index in (index, "")]
        return mine[-1] if mine else None


def _finished(call: _Call, reason: str | None, taken: set[str]) -> ToolCall:
    arguments = _as_object(call.arguments)
    if reason == "length" and (arguments is None or not call.arguments.strip()):
        raise Rejected(
            f"the token limit cut the model's call of {call.name or 'a tool'} in the middle, so it was not run; "
            "raise max_tokens (or the context length)"
        )
    if arguments is None or not call.name:
        raise BrokenStream(
            f"the model called {call.name or 'a tool without a name'} with arguments that are not a JSON object: "
            f"{call.arguments[:200]}"
        )
    call_id = call.id if call.id and call.id not in taken else f"call_{secrets.token_hex(8)}"
    taken.add(call_id)
    return ToolCall(call_id, call.name, arguments)


def _as_object(text: str) -> str | None:
    """The text itself when it is a JSON object; unwrapped once when it was encoded twice."""
    if not text.strip():
        return "{}"
    try:
        value = json.loads(text)
        inner = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):  # some servers begin with an empty object, and then send the real one
        return _as_object(text[2:]) if text.startswith("{}") and text[2:].strip() else None
    if not isinstance(inner, dict):
        return None
    return value if isinstance(value, str) else text


def _encoded(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
