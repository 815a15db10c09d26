"""The body of a stream: bytes in, whole events out. Only a line break ends a line; U+2028 in a text does not."""

EVENT, DATA = b"event:", b"data:"
ERROR = b"error:"  # so began an error of llama.cpp's older servers
FIELD, END = b"data: ", b"\n\n"
MARK = b"\xef\xbb\xbf"  # of byte order; a stream may begin with it


class Pending:
    """What waits for its rest. Pieces of one line are joined when it ends, so that a long one is not copied again and again."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def keep(self, text: bytes) -> None:
        if text:
            self._pieces.append(text)

    def take(self, more: bytes = b"") -> bytes:
        """All of it, with what came now."""
        if not self._pieces:
            return more
        text = b"".join([*self._pieces, more])
        self._pieces.clear()
        return text


class ServerSentEvents:
    """Gives the `data` of each event; an event without data, such as Dify's `event: ping`, is `b""`."""

    def __init__(self) -> None:
        self.pending = Pending()
        self._begun = False

    def feed(self, data: bytes) -> list[bytes]:
        if self.pending and self._begun and b"\n" not in data and b"\r" not in data:
            self.pending.keep(data)
            return []
        text = self.pending.take(data)
        if not self._begun:
            if MARK.startswith(text):
                self.pending.keep(text)
                return []
            self._begun, text = True, text.removeprefix(MARK)
        if b"\r" in text:
            text = _with_plain_breaks(text)
        if text.startswith(FIELD) and text.endswith(END) and text.find(b"\n") == len(text) - 2:
            return [text[6:-2]]  # one event, whole: nearly all reads are so
        *blocks, rest = text.split(END)
        self.pending.keep(rest)
        return [event for block in blocks if (event := _data(block)) is not None]

    def end(self) -> list[bytes]:
        """What stands there without its empty line; by the standard it is no event, but servers forget the line."""
        event = _data(self.pending.take().replace(b"\r", b"\n").strip(b"\n"))
        return [] if not event else [event]


class JsonLines:
    """Gives each line that is not empty."""

    def __init__(self) -> None:
        self.pending = Pending()

    def feed(self, data: bytes) -> list[bytes]:
        if b"\n" not in data:
            self.pending.keep(data)
            return []
        *lines, rest = self.pending.take(data).split(b"\n")
        self.pending.keep(rest)
        return [line for line in lines if line.strip()]

    def end(self) -> list[bytes]:
        """A last line needs no line break."""
        last = self.pending.take()
        return [last] if last.strip() else []


def _with_plain_breaks(text: bytes) -> bytes:
    """A carriage return at the very end stays: its line feed may still come."""
    keep = text.endswith(b"\r")
    body = text[:-1] if keep else text
    plain = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain + b"\r" if keep else plain


def _data(block: bytes) -> bytes | None:
    """The data of one event; `None` for a comment or nothing."""
    if block.startswith(FIELD) and b"\n" not in block:  # nearly all of them
        return block[6:]
    found, named = [], False
    for line in block.split(b"\n"):
        if line.startswith((DATA, ERROR)):
            found.append(line.partition(b":")[2].removeprefix(b" "))
        named = named or line.startswith(EVENT)
    return b"\n".join(found) if found or named else None
