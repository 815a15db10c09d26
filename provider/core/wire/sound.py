"""Which kind of sound some bytes are, told by how they begin."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sound:
    extension: str
    mime_type: str


MP3 = Sound("mp3", "audio/mpeg")
WAV = Sound("wav", "audio/wav")
AAC = Sound("aac", "audio/aac")
M4A = Sound("m4a", "audio/mp4")
WEBM = Sound("webm", "audio/webm")
BY_MAGIC = (
    (b"ID3", MP3),
    (b"fLaC", Sound("flac", "audio/flac")),
    (b"OggS", Sound("ogg", "audio/ogg")),
    (b"#!AMR", Sound("amr", "audio/amr")),
    (b"FORM", Sound("aiff", "audio/aiff")),
)
EBML = b"\x1a\x45\xdf\xa3"
FILM_BRANDS = (b"isom", b"iso2", b"mp41", b"mp42", b"avc1")  # the same container, mostly with pictures
SYNC = 0xE0  # the upper bits of a frame's second byte; the layer below them tells MP3 from AAC


def sniff(data: bytes) -> Sound | None:
    """`None` for what is no sound that servers know."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return WAV
    if data[4:8] == b"ftyp":
        return Sound("mp4", M4A.mime_type) if data[8:12] in FILM_BRANDS else M4A
    if data.startswith(EBML):
        return Sound("mkv", "audio/x-matroska") if b"matroska" in data[:64] else WEBM
    return next((sound for magic, sound in BY_MAGIC if data.startswith(magic)), None) or _frames(data)


def by_mime_type(mime_type: str) -> Sound | None:
    """From a Content-Type, with or without parameters."""
    name = mime_type.partition(";")[0].strip().lower().replace("/x-", "/")
    extension = {"audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/wave": "wav", "audio/vnd.wave": "wav"}.get(name)
    known = {"mp3": MP3, "wav": WAV}.get(extension or "")
    if known or not name.startswith("audio/"):
        return known
    return Sound(name.removeprefix("audio/"), name)


def _frames(data: bytes) -> Sound | None:
    """MP3 and AAC need no header: they may begin with the first frame."""
    if len(data) < 2 or data[0] != 0xFF or data[1] & SYNC != SYNC:  # noqa: PLR2004 - eight bits of sync
        return None
    layer = data[1] & 0x06
    return MP3 if layer else AAC if data[1] & 0x10 else None
