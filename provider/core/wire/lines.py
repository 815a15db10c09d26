"""Cut a byte stream into lines, whatever the network's pieces."""

import json
from typing import Any

from provider.core.errors import BrokenStream

BOM = b"\xef\xbb\xbf"
LONGEST_LINE = 64 * 1024 * 1024  # bytes; a server that never ends its line must not fill the memory


class LineSplitter:
    """Only a line feed ends a line; U+2028 or U+0085 inside a JSON string does not.

    That is why `str.splitlines` (and so `httpx.Response.iter_lines`) is not used.
    """

    def __init__(self) -> None:
        self._pending = b""
        self._pieces: list[bytes] = []  # of a line that is longer than one piece
        self._length = 0
        self._first = True

    def feed(self, data: bytes) -> list[bytes]:
        """Complete lines, without their ending."""
        if self._first and (data := self._without_bom(data)) == b"":
            return []
        if b"\n" not in data:
            self._keep(data)
            return []
        *lines, rest = (self._kept() + data).split(b"\n")
        self._keep(rest)
        return [line[:-1] if line.endswith(b"\r") else line for line in lines]

    def end(self) -> bytes:
        """What came after the last line feed; servers often drop the last one."""
        rest, self._pending = self._pending + self._kept(), b""
        return rest.removesuffix(b"\r")

    def _keep(self, data: bytes) -> None:
        if data:
            self._pieces.append(data)
            self._length += len(data)
        if self._length > LONGEST_LINE:
            raise BrokenStream(f"the server sent more than {LONGEST_LINE >> 20} MiB without a line ending")

    def _kept(self) -> bytes:
        kept = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces, self._length = [], 0
        return kept

    def _without_bom(self, data: bytes) -> bytes:
        data, self._pending = self._pending + data, b""
        if len(data) < len(BOM) and BOM.startswith(data):
            self._pending = data  # perhaps half a byte order mark
            return b""
        self._first = False
        return data.removeprefix(BOM)


def read_object(line: bytes) -> dict[str, Any]:
    """Parse one message; what is not a JSON object was not written by a model server.

    Raises:
        BrokenStream: with the beginning of what came instead.
    """
    try:
        value = _loaded(line)
    except (ValueError, RecursionError) as error:
        raise BrokenStream(f"the server sent something that is not JSON: {excerpt(line)}") from error
    if not isinstance(value, dict):
        raise BrokenStream(f"the server sent something that is not a JSON object: {excerpt(line)}")
    return value


def _loaded(line: bytes) -> Any:
    """A byte that is no UTF-8 and an unescaped tab spoil one character, not the whole answer."""
    try:
        return json.loads(line)
    except ValueError:
        return json.loads(line.decode(errors="replace"), strict=False)


def excerpt(data: bytes, length: int = 200) -> str:
    """The beginning of `data` on one line, for an error text."""
    text = " ".join(data[: 4 * length].decode(errors="replace").split())
    return text if len(text) <= length else text[:length] + "…"
