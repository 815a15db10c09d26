"""Server-sent events: bytes in, `data` payloads out."""

from provider.core.errors import BrokenStream
from provider.core.wire.lines import LONGEST_LINE, LineSplitter


class SSEDecoder:
    """Knows the ways servers bend the format: CR and CRLF, no space after `data:`, comments, no blank lines.

    A server that was asked to stream may also answer with one plain JSON document,
    or one JSON document a line; `plain` then holds what was not an event.
    """

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._data: list[bytes] = []
        self._event = b""
        self._held = 0
        self._after_return = False
        self.plain: list[bytes] = []
        self.events = 0

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Finished (event name, payload) pairs; the name is mostly empty."""
        if b"\r" in data or self._after_return:
            data = self._with_line_feeds(data)
        return [event for line in self._lines.feed(data) if (event := self._take(line))]

    def end(self) -> list[tuple[bytes, bytes]]:
        """Give what is left, although the last blank line is missing."""
        return [event for line in (self._lines.end(), b"") if (event := self._take(line))]

    def _take(self, line: bytes) -> tuple[bytes, bytes] | None:
        if line.startswith(b"data:"):
            payload = line[6:] if line.startswith(b"data: ") else line[5:]
            before = self._dispatch() if self._data and _begins_anew(self._data[-1], payload) else None
            self._hold(payload, self._data)
            return before
        if not line:
            return self._dispatch()
        self._take_other(line)
        return None

    def _dispatch(self) -> tuple[bytes, bytes] | None:
        if not self._data:
            self._event = b""
            return None
        payload = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        event, self._event, self._data, self._held = self._event, b"", [], 0
        self.events += 1
        return event, payload

    def _with_line_feeds(self, data: bytes) -> bytes:
        """A carriage return ends a line too, alone or with the line feed after it, which may be in the next piece."""
        if self._after_return:
            data = data.removeprefix(b"\n")
        self._after_return = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _take_other(self, line: bytes) -> None:
        if line.startswith(b"event:"):
            self._event = line[6:].strip()
        elif not line.startswith((b":", b"id:", b"retry:")):
            self._hold(line, self.plain)

    def _hold(self, line: bytes, lines: list[bytes]) -> None:
        """Raises `BrokenStream` for lines without end that make no event: they must not fill the memory."""
        self._held += len(line)
        if self._held > LONGEST_LINE:
            raise BrokenStream(f"the server sent more than {LONGEST_LINE >> 20} MiB without one whole event")
        if lines is self._data or not self.events:  # beside events, other lines are of no use
            lines.append(line)


def _begins_anew(before: bytes, payload: bytes) -> bool:
    """No JSON goes on like this: the blank line between two messages is missing."""
    return before.endswith(b"}") and payload.startswith((b"{", b"[DONE]"))
