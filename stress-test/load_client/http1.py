"""An HTTP/1.1 response: bytes in, the bytes of its body out. It owns no socket."""

import re
from collections.abc import Mapping

LARGEST_HEAD = 65536
HAS_NO_BODY = (204, 304)
SIZES: dict[bytes, int] = {}  # lines with a chunk's size that were understood: there are few, and each comes often
MOST_SIZES = 4096


class NotHttp(Exception):
    """What came is no HTTP/1.1 response."""


class CutOff(Exception):
    """The connection ended before the response did."""


class Response:
    """Feed it what was read; after the head it gives the body piece by piece, without its framing."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        """Names in lower case."""
        self.done = False
        self._head = b""
        self._body: Length | Chunks | UntilClose | None = None

    def feed(self, data: bytes) -> bytes:
        """The part of the body that is in `data`. Raises `NotHttp`."""
        framing = self._body
        if framing is None:
            data = self._read_head(data)
            framing = self._body
        if framing is None or self.done:
            return b""
        body = framing.feed(data)
        self.done = framing.done
        return body

    def end(self) -> None:
        """The connection is closed. Raises `CutOff` if something is missing."""
        if isinstance(self._body, UntilClose):
            self.done = True
        if not self.done:
            raise CutOff(
                "before the head of the answer was whole" if self._body is None else "in the middle of the body"
            )

    @property
    def begun(self) -> bool:
        return bool(self._head) or self._body is not None

    @property
    def is_between_chunks(self) -> bool:
        """Whether what comes next is the size of a chunk."""
        return isinstance(self._body, Chunks) and self._body.is_between

    @property
    def reusable(self) -> bool:
        """Whether the connection may serve another request."""
        close = self.headers.get("connection", "").lower() == "close"
        return self.done and not close and not isinstance(self._body, UntilClose)

    def _read_head(self, data: bytes) -> bytes:
        """What comes after the head, once it is whole; `100 Continue` and the like are passed over."""
        self._head += data
        if not b"HTTP/".startswith(self._head[:5]):
            raise NotHttp(f"it began with {self._head[:40]!r}")
        head, border, rest = self._head.partition(b"\r\n\r\n")
        if not border:
            if len(self._head) > LARGEST_HEAD:
                raise NotHttp("its head has no end")
            return b""
        self._understand(head)
        if self.status < 200:
            self._head = b""
            return self._read_head(rest) if rest else b""
        self._body = self._framing()
        self.done = self._body.done
        return rest

    def _understand(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        found = re.match(r"HTTP/1\.[01] (\d{3})(?: |$)", first)
        if not found:
            raise NotHttp(f"its first line is {first[:80]!r}")
        self.status = int(found[1])
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in pairs}

    def _framing(self) -> "Length | Chunks | UntilClose":
        if self.status in HAS_NO_BODY:
            return Length(0)
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return Chunks()
        length = self.headers.get("content-length")
        if length is None:
            return UntilClose()
        if not length.isdecimal():
            raise NotHttp(f"its Content-Length is {length[:40]!r}")
        return Length(int(length))


class Length:
    """A body of a known length."""

    def __init__(self, length: int) -> None:
        self._missing = length
        self.done = not length

    def feed(self, data: bytes) -> bytes:
        body = data[: self._missing]
        self._missing -= len(body)
        self.done = not self._missing
        return body


class UntilClose:
    """A body that ends with the connection."""

    done = False

    def feed(self, data: bytes) -> bytes:
        return data


class Chunks:
    """A chunked body; trailers are read and dropped."""

    def __init__(self) -> None:
        self.done = False
        self._pending = b""
        self._missing = 0
        """Bytes of the present chunk that are still to come, its closing line break among them."""
        self._in_trailers = False

    def feed(self, data: bytes) -> bytes:
        if self._pending:
            data, self._pending = self._pending + data, b""
        found, at, end = [], 0, len(data)
        while at < end and not self.done:
            if not (self._missing or self._in_trailers):
                begin = data.find(b"\n", at) + 1
                size = SIZES.get(data[at:begin])
                if size and begin + size + 2 <= end:  # a whole chunk: nearly all are so
                    found.append(data[begin : begin + size])
                    at = begin + size + 2
                    continue
            at = self._piece(data, at, found)
        return found[0] if len(found) == 1 else b"".join(found)

    @property
    def is_between(self) -> bool:
        return not (self._missing or self._pending or self._in_trailers or self.done)

    def _piece(self, data: bytes, at: int, found: list[bytes]) -> int:
        """What comes next is not a whole chunk; where what follows it begins."""
        if self._in_trailers:
            return self._trailers(data, at)
        if not self._missing:
            return self._size(data, at)
        taken = min(self._missing, len(data) - at)
        found.append(data[at : at + min(taken, max(self._missing - 2, 0))])
        self._missing -= taken
        return at + taken

    def _size(self, data: bytes, at: int) -> int:
        """Where the chunk's content begins; the end of `data` if its size is not there yet."""
        border = data.find(b"\n", at) + 1
        if not border:
            return self._wait(data, at)
        line = data[at:border]
        size = SIZES.get(line)
        if size is None:
            size = _size_of(line)
            if len(SIZES) < MOST_SIZES:
                SIZES[line] = size
        self._in_trailers = not size
        self._missing = size and size + 2
        return border

    def _trailers(self, data: bytes, at: int) -> int:
        """After the last chunk: lines up to an empty one."""
        if not (data.startswith((b"\r\n", b"\n"), at) or data.find(b"\r\n\r\n", at) >= 0):
            return self._wait(data, at)
        self.done = True
        return len(data)

    def _wait(self, data: bytes, at: int) -> int:
        self._pending = data[at:]
        if len(self._pending) > LARGEST_HEAD:
            raise NotHttp("a chunk's size has no end")
        return len(data)


def _size_of(line: bytes) -> int:
    size = line.split(b";")[0].strip()
    if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
        raise NotHttp(f"a chunk's size is {size[:40]!r}")
    return int(size, 16)
