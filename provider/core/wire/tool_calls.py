"""Put tool calls together from their pieces, whatever order and marks a server gives them."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from provider.core.chat import ToolCall
from provider.core.errors import BrokenStream, Rejected


@dataclass(slots=True)
class _Call:
    index: int | None
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
        function = piece.get("function") or {}
        name, arguments = function.get("name") or "", function.get("arguments")
        index = piece.get("index", function.get("index"))
        call = self._match(index, piece.get("id") or "", name)
        if call is None:
            call = _Call(index, piece.get("id") or "", name)
            self._calls.append(call)
        call.id = call.id or piece.get("id") or ""
        call.name = call.name or name
        call.pieces.append(arguments if isinstance(arguments, str) else _encode(arguments))

    def add_whole(self, call: dict[str, Any]) -> None:
        """Ollama's calls come whole: two of them never continue each other, even with one index."""
        function = call.get("function") or {}
        arguments = function.get("arguments")
        text = arguments if isinstance(arguments, str) else _encode(arguments)
        whole = _Call(None, call.get("id") or "", function.get("name") or "", [text])
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

    def _match(self, index: int | None, call_id: str, name: str) -> _Call | None:
        """The call this piece continues. Two calls may share an index, or have none at all."""
        if call_id:
            if known := next((call for call in self._calls if call.id == call_id and call.index == index), None):
                return known
            nameless = self._last(index)
            return nameless if nameless and not nameless.id and not nameless.complete else None
        last = self._last(index)
        if last is None or (name and (last.complete or (last.name and last.name != name))):
            return None
        return last

    def _last(self, index: int | None) -> _Call | None:
        mine = [call for call in self._calls if index is None or call.index in (index, None)]
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
    except ValueError:
        return None
    if not isinstance(inner, dict):
        return None
    return value if isinstance(value, str) else text


def _encode(arguments: Any) -> str:
    return "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
