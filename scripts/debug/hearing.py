"""What the lines mean that the plugin's process writes: of the SDK, of the daemon, of the plugin."""

import ast
import json
import re
from dataclasses import dataclass

from scripts.debug.handshake import KeyRefused, Unwilling, meaning_of_refusal

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
REGISTERED = "Installed model: "
LOST = ("Failed to read data from", "Failed to connect to", "Failed to write data", "Error in event loop")
NOT_READ = "An error occurred while parsing the data: "
REQUEST = "Received event:"
VALUE = re.compile(r"input_value=.*(?=, input_type=)")  # what pydantic could not read: a request, or its credentials


@dataclass(frozen=True, slots=True)
class Registered:
    """It has sent the daemon all it is; the daemon says nothing to that."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The SDK would try again for 15 seconds, then keep a core busy without ever connecting."""


@dataclass(frozen=True, slots=True)
class Said:
    text: str


type Heard = Registered | Lost | KeyRefused | Unwilling | Said


def hear(line: str) -> Heard:
    text = COLOURS.sub("", _logged(line)).strip("\r\n")
    if text.startswith(REGISTERED):
        return Registered()
    if text.startswith(LOST):
        return Lost()
    if text.startswith(NOT_READ):
        return _told(text.removeprefix(NOT_READ))
    if text.startswith(REQUEST):
        return Said(_request(text))
    return Said(VALUE.sub("input_value=…", text))


def _logged(line: str) -> str:
    """The SDK writes some of its lines as JSON."""
    try:
        match json.loads(line):
            case {"event": "log", "data": {"message": str(text), **more}}:
                level = more.get("level", "INFO")
                return text if level == "INFO" else f"{level} {text}"
    except ValueError:
        pass
    return line


def _told(written: str) -> Heard:
    """Bytes as Python writes them. What looks like a request may hold credentials, and is not repeated."""
    try:
        words = ast.literal_eval(written).decode(errors="replace")
    except (ValueError, SyntaxError, AttributeError):
        words = "{"
    return Said("a line from Dify that the SDK cannot read") if words.startswith("{") else meaning_of_refusal(words)


def _request(text: str) -> str:
    """Whole it has the credentials of the model's server in it, and the prompt."""
    found = {name: re.search(rf"'{name}': '([^']*)'", text) for name in ("action", "model")}
    return " ".join(["asked:", *(match[1] for match in found.values() if match)])
