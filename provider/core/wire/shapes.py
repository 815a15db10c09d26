"""Read parts of a message that may have any shape: what is of another kind than expected counts as absent."""

from typing import Any


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def words(value: Any) -> str:
    """A text; some servers send a list of parts, or an object around it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(words(part) for part in value)
    if isinstance(value, dict):
        return words(value.get("text") or value.get("content"))
    return ""


def name(value: Any) -> str:
    """A name or an id, which may be a number."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def count(value: Any) -> int:
    """A number of tokens; 0 for what is none."""
    try:
        return max(int(value), 0) if isinstance(value, str | int | float) else 0
    except (ValueError, OverflowError):  # words, NaN, infinity
        return 0
