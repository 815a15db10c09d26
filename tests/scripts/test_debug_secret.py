"""The key is found and taken out, however it is written; and what the plugin's process writes is understood."""

import base64
import json
from urllib.parse import quote

import pytest

from scripts.debug.handshake import KeyRefused, Unwilling
from scripts.debug.hearing import Lost, Registered, Said, hear
from scripts.debug.secret import Secret
from tests.servers.debugging_port import KEY

HANDSHAKE = json.dumps({"type": "handshake", "data": {"key": KEY}})
WAYS = {
    "whole": KEY,
    "capitals": KEY.upper(),
    "no dashes": KEY.replace("-", ""),
    "bytes": repr(KEY.encode()),
    "json": HANDSHAKE,
    "twice": KEY + KEY,
    "hexadecimal": KEY.encode().hex(),
    "in an address": f"tcp://{quote(KEY)}@dify:5003",
    **{f"base64 at {at}": base64.b64encode(b"x" * at + HANDSHAKE.encode()).decode() for at in range(3)},
    **{f"the first {count}": KEY[:count] for count in (6, 9, 20)},
    **{f"the last {count}": KEY[-count:] for count in (6, 12, 30)},
}


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS.keys())
def test_the_key_is_taken_out_however_it_is_written(written):
    hidden = Secret(KEY).hide(f"before {written} after")

    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    assert "‹key›" in hidden
    pieces = [written[at : at + 6] for at in range(len(written) - 5)]
    told = [piece for piece in pieces if piece.lower() in KEY and piece in hidden]
    assert told == []


@pytest.mark.parametrize("at", range(3))
def test_of_the_key_in_base64_at_most_the_letters_stay_that_are_mixed_with_others(at):
    whole = base64.b64encode(b"x" * at + HANDSHAKE.encode()).decode()

    left = Secret(KEY).hide(whole).replace("‹key›", "")

    assert len(whole) - len(left) >= len(KEY) * 4 // 3 - 4


def test_other_texts_stay_as_they_are():
    text = "“İ” 3f0c 1d7e 12345678-1234-1234-1234-123456789012 a1b2c"

    assert Secret(KEY).hide(text) == text
    assert Secret("").hide(text) == text


def logged(message, level="INFO"):
    return json.dumps({"event": "log", "data": {"level": level, "message": message, "timestamp": 1.5}})


HEARD = [
    (logged("Installed model: local_models"), Registered()),
    ("\x1b[31mFailed to read data from 127.0.0.1:5003\x1b[0m", Lost()),
    ("\x1b[31mFailed to connect to 127.0.0.1:5003\x1b[0m", Lost()),
    ("Failed to write data", Lost()),
    ("An error occurred while parsing the data: b'handshake failed, invalid key'", KeyRefused()),
    (
        "An error occurred while parsing the data: b'server is busy now, please try again later'",
        Unwilling("server is busy now, please try again later"),
    ),
    (
        'An error occurred while parsing the data: b\'{"event": "request", "api_key": "s',
        Said("a line from Dify that the SDK cannot read"),
    ),
    (
        (
            "Received event: \nrequest\n session_id: \n1\n data: \n"
            "{'type': 'model', 'action': 'invoke_llm', 'model': 'm', 'credentials': {'api_key': 's'}}"
        ),
        Said("asked: invoke_llm m"),
    ),
    (logged("careful", "WARNING"), Said("WARNING careful")),
    (logged("said"), Said("said")),
    ("Traceback (most recent call last):", Said("Traceback (most recent call last):")),
    (
        "  Field required [type=missing, input_value={'api_key': 's', 'x': 1}, input_type=dict]",
        Said("  Field required [type=missing, input_value=…, input_type=dict]"),
    ),
    ('{"some": "json"}', Said('{"some": "json"}')),
]


@pytest.mark.parametrize(("line", "expected"), HEARD, ids=range(len(HEARD)))
def test_lines_of_the_sdk_are_understood_and_requests_are_not_repeated(line, expected):
    assert hear(line) == expected
