"""An event that differs from the one before only in its text need not be parsed: same bytes before it, same after."""


class Repeated:
    """Learns from an event that was parsed, and gives the text of those that look like it."""

    __slots__ = ("_after", "_before", "_end", "_start", "_tries")

    def __init__(self) -> None:
        self._before = self._after = b""
        self._start = self._end = 0
        self._tries = 8  # events of a server that puts a time into each never look alike

    def text_of(self, data: bytes) -> str | None:
        """`None` if it has to be parsed. Bad UTF-8 raises `ValueError`."""
        if self._start and data.startswith(self._before) and data.endswith(self._after):
            text = data[self._start : self._end]
            if b'"' not in text and b"\\" not in text:
                return text.decode()
        return None

    def learn(self, data: bytes, text: str) -> None:
        """`data` was parsed, and all it said was this text of the answer.

        Without a backslash every string stands there as it is. Between two strings there is a comma or a colon, so a
        quoted text without them is one string, and the one that was meant if it is there once.
        """
        self._start = 0
        quoted = f'"{text}"'.encode()
        plain = text and "," not in text and ":" not in text and b"\\" not in data
        if self._tries and plain and data.count(quoted) == 1:
            self._tries -= 1
            before, after = data.split(quoted)
            self._before, self._after = before + b'"', b'"' + after
            self._start, self._end = len(before) + 1, -len(after) - 1

    def forget(self) -> None:
        """Something else was said: what looked like this may now mean another thing."""
        self._start = 0
