"""Halves of characters: JSON writes what lies beyond U+FFFF in two, and alone neither can be sent to Dify."""

from collections.abc import Iterator
from dataclasses import replace

from provider.core.chat import Event, Finished, Text, Thinking, ToolCall, ToolCalls


def mended(text: str) -> str:
    """Halves that stand together become their character, a lone one the sign for what cannot be read."""
    if _is_whole(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class WholeCharacters:
    """Joins what a server cut between two events; passes untouched what is whole, which is nearly everything."""

    def __init__(self) -> None:
        self._half: Text | Thinking | None = None

    def take(self, events: list[Event]) -> list[Event]:
        if self._half is None and all(map(_is_untouched, events)):
            return events
        return [whole for event in events for whole in self._mended(event)]

    def _mended(self, event: Event) -> Iterator[Event]:
        half, self._half = self._half, None
        if half and type(half) is not type(event):
            yield type(half)(mended(half.text))
            half = None
        if isinstance(event, Text | Thinking):
            yield from self._joined(event, half.text if half else "")
        else:
            yield _with_whole_calls(event) if isinstance(event, ToolCalls) else event

    def _joined(self, event: Text | Thinking, half: str) -> Iterator[Event]:
        if not half and _is_whole(event.text):
            yield event
            return
        text = half + event.text
        if "\ud800" <= text[-1] <= "\udbff":
            self._half, text = type(event)(text[-1]), text[:-1]
        if text:
            yield type(event)(mended(text))


def _with_whole_calls(event: ToolCalls) -> ToolCalls:
    return ToolCalls(tuple(_whole_call(call) for call in event.calls))


def _whole_call(call: ToolCall) -> ToolCall:
    return replace(call, id=mended(call.id), name=mended(call.name), arguments=mended(call.arguments))


def _is_untouched(event: Event) -> bool:
    return _is_whole(event.text) if isinstance(event, (Text, Thinking)) else isinstance(event, Finished)


def _is_whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
