import base64
import struct
import zlib

import pytest

from tests.embedded.asking import answer, get

SIDE = 40  # pixels
COLOURS = {
    "red": (230, 10, 10),
    "green": (10, 220, 20),
    "blue": (0, 0, 255),
    "white": (250, 250, 250),
    "black": (5, 5, 5),
}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(colour):
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * SIDE) * SIDE
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def question_with_picture(colour):
    url = "data:image/png;base64," + base64.b64encode(png(colour)).decode()
    return [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]


@pytest.mark.parametrize("thinking", [False, True])
@pytest.mark.parametrize("name", COLOURS)
def test_it_names_the_colour_of_a_picture(vision_server, name, thinking):
    question = question_with_picture(COLOURS[name])

    assert answer(vision_server, question, thinking=thinking) == f" The picture is mostly {name}."


def test_without_a_picture_it_is_the_chat_model(vision_server):
    assert answer(vision_server, "hello") == "Hello from the tiny test model."


def test_only_its_server_says_that_it_takes_pictures(vision_server, chat_server):
    taken = [get(server, "/props").json()["modalities"]["vision"] for server in (vision_server, chat_server)]

    assert taken == [True, False]


def test_the_chat_model_refuses_a_picture(chat_server):
    with pytest.raises(OSError, match="500"):
        answer(chat_server, question_with_picture(COLOURS["red"]))
