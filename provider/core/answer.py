"""From what a decoder read to what the caller sees: thinking apart, stop words obeyed."""

from collections.abc import Iterable, Iterator

from provider.core.chat import Event, Finished, Text
from provider.core.wire.characters import WholeCharacters
from provider.core.wire.stop_words import StopGuard
from provider.core.wire.thinking import ThinkingSplitter


class AnswerFilter:
    """Holds text back only while a mark or a stop word could be coming."""

    def __init__(self, stop: tuple[str, ...] = ()) -> None:
        self._splitter = ThinkingSplitter()
        self._guard = StopGuard(stop)
        self._characters = WholeCharacters()

    @property
    def stopped(self) -> bool:
        """A stop word came although the server should have stopped before it."""
        return self._guard.stopped

    def take(self, events: list[Event]) -> Iterable[Event]:
        """The same events, with text made whole, split and guarded."""
        events = self._characters.take(events)
        if self._splitter.idle and not self._guard:
            return events
        return list(self._filtered(events))

    def _filtered(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Text):
                yield from self._guarded(self._splitter.feed(event.text))
            else:
                yield from self._rest()
            if self.stopped:
                yield Finished("stop", event.usage if isinstance(event, Finished) else None)
                return
            if not isinstance(event, Text):
                yield event

    def _rest(self) -> Iterator[Event]:
        """Thinking and the end of the answer both end what was held back."""
        yield from self._guarded(self._splitter.end())
        if self._guard and (held := self._guard.end()):
            yield Text(held)

    def _guarded(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if not isinstance(event, Text) or not self._guard:
                yield event
            elif text := self._guard.feed(event.text):
                yield Text(text)
