"""Bytes of sound: what they are, how they travel, how they are put together."""

import struct

import pytest

from provider.core.wire.multipart import File, encode
from provider.core.wire.sound import by_mime_type, sniff
from provider.core.wire.wav import WavJoiner
from tests.core.audio import audio_servers as known
from tests.core.audio.audio_servers import samples_of, wav
from tests.servers import Request


@pytest.mark.parametrize(
    ("data", "extension", "mime_type"),
    [
        (wav(1, 2), "wav", "audio/wav"),
        (known.MP3, "mp3", "audio/mpeg"),
        (b"ID3\x04" + bytes(20), "mp3", "audio/mpeg"),
        (known.FLAC, "flac", "audio/flac"),
        (known.OGG, "ogg", "audio/ogg"),
        (known.M4A, "m4a", "audio/mp4"),
        (known.MP4, "mp4", "audio/mp4"),
        (known.WEBM, "webm", "audio/webm"),
        (known.AAC, "aac", "audio/aac"),
        (b"#!AMR\n", "amr", "audio/amr"),
    ],
)
def test_a_sound_is_told_by_how_it_begins(data, extension, mime_type):
    sound = sniff(data)

    assert sound
    assert (sound.extension, sound.mime_type) == (extension, mime_type)


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", b"hello there, this is text", b"\xff\xff\xff"[:1]])
def test_what_is_no_sound_is_not_called_one(data):
    assert sniff(data) is None


@pytest.mark.parametrize(
    ("content_type", "extension"),
    [("audio/mpeg", "mp3"), ("audio/x-wav", "wav"), ("audio/wave; rate=1", "wav"), ("audio/x-flac", "flac")],
)
def test_a_content_type_names_a_sound(content_type, extension):
    sound = by_mime_type(content_type)

    assert sound
    assert sound.extension == extension


def test_no_other_content_type_does():
    assert by_mime_type("application/octet-stream") is None


@pytest.mark.parametrize("data", [b"", b"--form-", b"\r\n--\r\n\x00\xff", bytes(range(256)) * 300])
def test_an_upload_arrives_as_it_was(data):
    content_type, body = encode({"model": "m", "language": "日本"}, File("a.mp3", "audio/mpeg", data))
    request = Request("POST", "/", {"content-type": content_type}, body, 1)

    assert known.sent_form(request) == {"model": "m", "language": "日本", "file": "a.mp3 audio/mpeg"}
    assert known.sent_file(request) == data


@pytest.mark.parametrize("size", [1, 7, 44, 45, 5000])
def test_wav_files_become_one_however_they_are_cut(size):
    joiner, joined = WavJoiner(), b""
    for file in (wav(1, 2, 3), wav(4), wav(5, 6) + b"LIST\x04\x00\x00\x00junk"):
        joined += b"".join(joiner.feed(file[at : at + size]) for at in range(0, len(file), size))
        joiner.next_file()

    assert samples_of(joined) == [1, 2, 3, 4, 5, 6]
    assert joined[4:8] == joined[40:44] == b"\xff\xff\xff\xff"
    assert joined[:4] + joined[8:40] == wav(1)[:4] + wav(1)[8:40]


def test_a_wav_that_does_not_know_its_length_yet_is_taken_whole():
    streamed = bytearray(wav(1, 2))
    streamed[40:44] = struct.pack("<I", 0)
    joiner = WavJoiner()

    assert samples_of(joiner.feed(bytes(streamed)) + joiner.feed(struct.pack("<h", 3))) == [1, 2, 3]
