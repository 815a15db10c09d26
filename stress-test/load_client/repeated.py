"""What differs from the one before only in its text need not be parsed: same bytes before it, same after."""

import sys


class Repeated:
    """Learns from an event, or a read with one event, that was parsed, and gives the text of those that look like it."""

    __slots__ = ("_after", "_before", "_length", "_rest", "_tries", "known")

    def __init__(self) -> None:
        self.known = False
        self._before = self._after = b""
        self._length = self._rest = 0
        self._tries = 64  # events of a server that puts a time into each never look alike

    def text_of(self, data: bytes, begin: int = 0, end: int = sys.maxsize) -> str | None:
        """Of what is there, never an empty one. `None` if it has to be parsed. Bad UTF-8 raises `ValueError`."""
        if self.known and data.startswith(self._before, begin, end) and data.endswith(self._after, begin, end):
            text = data[begin + self._length : min(end, len(data)) - self._rest]
            if text and b'"' not in text and b"\\" not in text:
                return text.decode()
        return None

    def learn(self, data: bytes, text: str) -> None:
        """`data` was parsed, and all it said was this text of the answer.

        Without a backslash every string stands there as it is. Between two strings there is a comma or a colon, so a
        quoted text without them is one string, and the one that was meant if it is there once.
        """
        self.known = False
        quoted = f'"{text}"'.encode()
        plain = text and "," not in text and ":" not in text and b"\\" not in data
        if self._tries and plain and data.count(quoted) == 1:
            self._tries -= 1
            before, after = data.split(quoted)
            self._before, self._after = before + b'"', b'"' + after
            self._length, self._rest = len(self._before), len(self._after)
            self.known = True

    def forget(self) -> None:
        """Something else was said: what looked like this may now mean another thing."""
        self.known = False
