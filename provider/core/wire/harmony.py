"""The harmony format of gpt-oss, when a server passes it on unparsed.

`<|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…<|return|>`;
a commentary channel addressed `to=functions.NAME` is a tool call, which servers that leave
the format unparsed cannot run: it is passed on as text.
"""

import re

from provider.core.chat import Event, Text, Thinking

OPENERS = ("<|channel|>", "<|start|>")
TOKEN = re.compile(r"<\|(start|channel|message|constrain|end|return|call)\|>")
LONGEST = len("<|constrain|>")


class HarmonyReader:
    """Cuts at the format's special tokens; the channel named in a header says what its message is."""

    def __init__(self) -> None:
        self._held = ""
        self._header: str | None = ""  # None while inside a message
        self._thinking = False

    def feed(self, text: str) -> list[Event]:
        self._held += text
        events: list[Event] = []
        while token := TOKEN.search(self._held):
            events += self._take(self._held[: token.start()])
            self._held = self._held[token.end() :]
            self._turn(token[1])
        keep = _partial_token(self._held)
        cut = len(self._held) - keep
        events += self._take(self._held[:cut])
        self._held = self._held[cut:]
        return events

    def end(self) -> list[Event]:
        held, self._held = self._held, ""
        return self._take(held)

    def _take(self, text: str) -> list[Event]:
        if not text:
            return []
        if self._header is not None:
            self._header += text
            return []
        return [Thinking(text) if self._thinking else Text(text)]

    def _turn(self, token: str) -> None:
        if token == "message":
            self._thinking = "final" not in (self._header or "") and "to=" not in (self._header or "")
            self._header = None
        elif token in ("start", "end", "return", "call"):
            self._header = ""


def _partial_token(text: str) -> int:
    at = text.rfind("<", max(0, len(text) - LONGEST))
    if at < 0 or not any(f"<|{name}|>".startswith(text[at:]) for name in _NAMES):
        return 0
    return len(text) - at


_NAMES = ("start", "channel", "message", "constrain", "end", "return", "call")
