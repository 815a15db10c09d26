"""HTTP's chunked transfer encoding: bytes in, payload out, however many chunks have arrived."""

import re

from provider.core.errors import BrokenStream

SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
LONGEST_SIZE_LINE = 4096  # bytes, extensions included


class Dechunker:
    """Model servers send one small chunk a token; `http.client` reads them one by one, this all at once."""

    def __init__(self) -> None:
        self._left = 0  # payload bytes of the current chunk still to come
        self._pending = b""  # a size line, or the line break after a payload, that is not complete yet
        self._in_payload = False
        self._trailers = False
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """Raises `BrokenStream` when it is not chunked encoding at all."""
        payload: list[bytes] = []
        data, self._pending = self._pending + data, b""
        at, end = 0, len(data)
        while at < end and not self.done:
            if self._left:
                piece = data[at : at + self._left]
                payload.append(piece)
                at += len(piece)
                self._left -= len(piece)
                continue
            line_end = data.find(b"\n", at)
            if line_end < 0:
                self._keep(data[at:])
                break
            self._line(data[at:line_end].strip())
            at = line_end + 1
        return payload[0] if len(payload) == 1 else b"".join(payload)

    def _line(self, line: bytes) -> None:
        """A size, the empty line after a payload, or a trailer."""
        if self._trailers:
            self.done = not line
        elif self._in_payload and not line:
            self._in_payload = False
        else:
            self._left = self._size(line)
            self._in_payload, self._trailers = self._left > 0, self._left == 0

    def _size(self, line: bytes) -> int:
        size = line.partition(b";")[0].strip()
        if not SIZE.fullmatch(size):  # `int` would also take a sign
            raise BrokenStream(f"the server's chunked encoding is broken at {line[:40]!r}")
        return int(size, 16)

    def _keep(self, rest: bytes) -> None:
        if len(rest) > LONGEST_SIZE_LINE:
            raise BrokenStream("the server's chunked encoding is broken: a size line without an end")
        self._pending = rest
