"""Characters that stdout cannot show: something near them, instead of a traceback."""

import codecs
import sys
from io import TextIOWrapper
from typing import TextIO

NEAR = {
    "✓": "+", "✗": "x", "→": ">", "·": "-", "–": "-", "…": "...", "“": '"', "”": '"', "’": "'", "±": "+-", "×": "x",
    "✅": "[ok]", "❌": "[x]", "━": "-", "╸": "-", "╺": "-", "•": "*",
}  # fmt: skip
UNKNOWN = "?"
CONTROL = "\N{REPLACEMENT CHARACTER}"


def show_what_can_be_shown() -> None:
    """For a terminal or a file in ASCII or in an old code page; a lone surrogate fits into none, not even UTF-8."""
    codecs.register_error("near", _near)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="near")


def visible(text: str) -> str:
    """Names come from servers: none of them may move the cursor, or colour what follows."""
    return "".join(each if each.isprintable() or each == "\n" else CONTROL for each in text)


def knows_all(stream: TextIO) -> bool:
    return "utf" in (getattr(stream, "encoding", None) or "").lower()


def _near(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(NEAR.get(each, UNKNOWN) for each in error.object[error.start : error.end]), error.end
