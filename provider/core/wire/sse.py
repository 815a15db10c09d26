"""Server-sent events: bytes in, `data` payloads out."""

from provider.core.wire.lines import LineSplitter


class SSEDecoder:
    """Knows the ways servers bend the format: CRLF, no space after `data:`, comments, no last blank line.

    A server that was asked to stream may also answer with one plain JSON document,
    or one JSON document a line; `plain` then holds what was not an event.
    """

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._data: list[bytes] = []
        self._event = b""
        self.plain: list[bytes] = []
        self.events = 0

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Finished (event name, payload) pairs; the name is mostly empty."""
        return [event for line in self._lines.feed(data) if (event := self._take(line))]

    def end(self) -> list[tuple[bytes, bytes]]:
        """Give what is left, although the last blank line is missing."""
        return [event for line in (self._lines.end(), b"") if (event := self._take(line))]

    def _take(self, line: bytes) -> tuple[bytes, bytes] | None:
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            return None
        if not line:
            return self._dispatch()
        self._take_other(line)
        return None

    def _dispatch(self) -> tuple[bytes, bytes] | None:
        if not self._data:
            self._event = b""
            return None
        payload = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        event, self._event, self._data = self._event, b"", []
        self.events += 1
        return event, payload

    def _take_other(self, line: bytes) -> None:
        if line.startswith(b"event:"):
            self._event = line[6:].strip()
        elif not line.startswith((b":", b"id:", b"retry:")):
            self.plain.append(line)
