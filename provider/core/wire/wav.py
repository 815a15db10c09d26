"""WAV files one after the other → one WAV file, while its bytes arrive."""

import struct

RIFF_HEAD, CHUNK_HEAD = 12, 8  # bytes
ENDLESS = 0xFFFFFFFF  # the size that means “until the stream ends”
LONGEST_HEAD = 65536  # bytes before the sound


class WavJoiner:
    """Passes the first file's head with its sizes open, and of every file the sound. The files must be alike."""

    def __init__(self) -> None:
        self._pending = b""
        self._left: int | None = None  # bytes of sound to come in this file; `None` while its head is read
        self._is_first = True

    def next_file(self) -> None:
        """Call it between two files."""
        self._pending, self._left, self._is_first = b"", None, False

    def feed(self, data: bytes) -> bytes:
        if self._left is not None:
            return self._sound(data)
        self._pending += data
        start, size = _sound_in(self._pending)
        if not start:
            return self._without_head()
        whole, self._pending, self._left = self._pending, b"", size
        sound = self._sound(whole[start:])
        return _with_open_sizes(whole[:start]) + sound if self._is_first else sound

    def _sound(self, data: bytes) -> bytes:
        """What comes after it, such as tags, is dropped: played, it would be noise."""
        assert self._left is not None  # noqa: S101 - the head was read
        sound = data[: self._left]
        self._left -= len(sound)
        return sound

    def _without_head(self) -> bytes:
        if len(self._pending) < LONGEST_HEAD:
            return b""
        rest, self._pending, self._left = self._pending, b"", ENDLESS
        return rest


def _sound_in(data: bytes) -> tuple[int, int]:
    """Where the samples begin and how many bytes they are; 0 as long as the head is not complete."""
    at = RIFF_HEAD
    while at + CHUNK_HEAD <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        at += CHUNK_HEAD
        if name == b"data":
            return at, size or ENDLESS  # a server that streams does not know it yet
        at += size + size % 2
    return 0, 0


def _with_open_sizes(head: bytes) -> bytes:
    endless = struct.pack("<I", ENDLESS)
    return head[:4] + endless + head[8:-4] + endless
