"""An HTTP/1.1 response: bytes in, the bytes of its body out. It owns no socket."""

import re
from collections.abc import Mapping

LARGEST_HEAD = 65536
HAS_NO_BODY = (204, 304)


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
        if self._body is None:
            data = self._read_head(data)
        if self._body is None or self.done:
            return b""
        body = self._body.feed(data)
        self.done = self._body.done
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

    def feed(self, data: bytes) -> bytes:
        data = self._pending + data
        self._pending = b""
        found = []
        while data and not self.done:
            piece, data = self._chunk(data) if self._missing else self._size(data)
            found.append(piece)
        return b"".join(found)

    def _chunk(self, data: bytes) -> tuple[bytes, bytes]:
        taken = data[: self._missing]
        body = taken[: max(self._missing - 2, 0)]
        self._missing -= len(taken)
        return body, data[len(taken) :]

    def _size(self, data: bytes) -> tuple[bytes, bytes]:
        line, border, rest = data.partition(b"\n")
        if not border:
            if len(line) > LARGEST_HEAD:
                raise NotHttp("a chunk's size has no end")
            self._pending = data
            return b"", b""
        size = line.split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
            raise NotHttp(f"a chunk's size is {size[:40]!r}")
        if int(size, 16):
            self._missing = int(size, 16) + 2
            return b"", rest
        return self._trailers(line + border, rest)

    def _trailers(self, zero: bytes, rest: bytes) -> tuple[bytes, bytes]:
        """After the last chunk: lines up to an empty one."""
        if rest.startswith((b"\r\n", b"\n")) or b"\r\n\r\n" in rest:
            self.done = True
        else:
            self._pending = zero + rest
        return b"", b""
