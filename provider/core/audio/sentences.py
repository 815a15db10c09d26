"""Long texts, cut where a speaker would breathe."""

import re

# A full stop ends a sentence only before a blank: 3.14 and v1.2 have none. Chinese and Japanese need no blank.
BORDERS = (
    re.compile(r"(?<=[.!?…])[\"'”’)\]]*(?=\s)|(?<=[。！？…])|\n+"),
    re.compile(r"(?<=[,;:])(?=\s)|(?<=[，、；：])"),
    re.compile(r"(?=\s)"),
)


def pieces(text: str, limit: int) -> list[str]:
    """As few as possible, none longer than `limit` characters, none empty."""
    return [piece.strip() for piece in _packed(text, limit, BORDERS) if piece.strip()]


def _packed(text: str, limit: int, borders: tuple[re.Pattern[str], ...]) -> list[str]:
    """What is too long between two borders of one kind is cut at the next finer kind."""
    if len(text.strip()) <= limit:
        return [text]
    if not borders:
        return [text[at : at + limit] for at in range(0, len(text), limit)]
    packed: list[str] = []
    for part in _cut(text, borders[0]):
        if packed and len((packed[-1] + part).strip()) <= limit:
            packed[-1] += part
        else:
            packed += _packed(part, limit, borders[1:])
    return packed


def _cut(text: str, border: re.Pattern[str]) -> list[str]:
    ends = [match.end() for match in border.finditer(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True) if start < end]
