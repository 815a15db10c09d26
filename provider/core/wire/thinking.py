"""Tell thinking from answer when a server leaves the model's marks in the text."""

from collections.abc import Callable

from provider.core.chat import Event, Text, Thinking
from provider.core.wire.harmony import OPENERS as HARMONY_OPENERS
from provider.core.wire.harmony import HarmonyReader

# What models write around their thoughts: DeepSeek and Qwen, Gemma, Kimi, Magistral, Seed.
MARKS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "◁think▷": "◁/think▷",
    "[THINK]": "[/THINK]",
    "<seed:think>": "</seed:think>",
}


class ThinkingSplitter:
    """Only a mark at the very beginning opens thinking: later ones are the answer's own words.

    Marks may be split over pieces, stand in one piece with text, or never be closed.
    """

    def __init__(self) -> None:
        self._held = ""
        self._close = ""
        self._fresh = True
        self._harmony: HarmonyReader | None = None
        self._step: Callable[[str], list[Event]] | None = self._start

    @property
    def idle(self) -> bool:
        """Nothing more to look for: text may pass untouched."""
        return self._step is None

    def feed(self, text: str) -> list[Event]:
        return [Text(text)] if self._step is None else self._step(text)

    def end(self) -> list[Event]:
        """What was held back while a mark could still have come."""
        held, self._held = self._held, ""
        if self._harmony:
            return self._harmony.end()
        if self._close:
            return [Thinking(held)] if held.strip() else []
        return [Text(held)] if held else []

    def _start(self, text: str) -> list[Event]:
        self._held += text
        seen = self._held.lstrip()
        for opener, close in MARKS.items():
            if seen.startswith(opener):
                self._close, self._step, self._held = close, self._inside, ""
                return self._inside(seen.removeprefix(opener))
        if seen.startswith(HARMONY_OPENERS):
            self._harmony, self._held = HarmonyReader(), ""
            self._step = self._harmony.feed
            return self._harmony.feed(seen)
        if any(mark.startswith(seen) for mark in (*MARKS, *HARMONY_OPENERS)):
            return []
        return self._pass(self._held)

    def _inside(self, text: str) -> list[Event]:
        """Line breaks next to the marks belong to the marks, so they are held until a word follows."""
        thought, mark, rest = (self._held + text).partition(self._close)
        if self._fresh:
            thought = thought.lstrip()
            self._fresh = not thought
        if mark:
            self._close = ""
            return [*_thinking(thought.rstrip()), *self._pass(rest)]
        sure = thought[: len(thought) - partial_suffix(thought, self._close)].rstrip()
        self._held = thought[len(sure) :]
        return _thinking(sure)

    def _pass(self, text: str) -> list[Event]:
        self._step, self._held = None, ""
        return [Text(text)] if text else []


def _thinking(text: str) -> list[Event]:
    return [Thinking(text)] if text else []


def partial_suffix(text: str, mark: str) -> int:
    """How many characters at the end of `text` could be the beginning of `mark`."""
    longest = min(len(text), len(mark) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(mark[:size])), 0)
