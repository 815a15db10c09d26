"""What a server says when it refuses: one reader for every envelope seen in the wild."""

import json
from dataclasses import dataclass, replace
from typing import Any

from provider.core.wire.lines import excerpt

UNTOLD = (None, 200, 500)
DEEPEST = 4  # Ollama wraps llama.cpp's error text, which is JSON again


@dataclass(frozen=True, slots=True)
class Failure:
    """The server's own words, and the numbers it gave with them."""

    words: str
    status: int | None = None
    type: str = ""
    prompt_tokens: int | None = None
    context_length: int | None = None


class Refusal(Exception):
    """Raised by a decoder that found an error inside a stream."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


def read_failure(body: bytes, status: int | None = None) -> Failure:
    """Read an error body: JSON in any of its shapes, HTML, plain text or nothing.

    A status in the body counts where HTTP's says nothing: a 500 around what the caller did wrong, or no error at all.
    """
    try:
        found = unwrap(json.loads(body), status)
    except (ValueError, RecursionError):
        return Failure(_plain(body), status)
    return found if status in UNTOLD else replace(found, status=status)


def unwrap(value: Any, status: int | None = None, depth: int = 0) -> Failure:
    """Follow `error`, `message` and `detail` inwards until plain words are left."""
    if isinstance(value, str):
        return _text(value, status, depth)
    if not isinstance(value, dict) or depth > DEEPEST:
        return Failure(excerpt(json.dumps(value, ensure_ascii=False).encode(errors="replace")), status)
    inner = next((value[key] for key in _keys(value) if value.get(key)), "")
    found = unwrap(inner, status, depth + 1) if inner else Failure(_leftover(value), status)
    return Failure(
        found.words,
        _code(value) or found.status or status,
        found.type or _word(value.get("type")),
        found.prompt_tokens or _number(value.get("n_prompt_tokens")),
        found.context_length or _number(value.get("n_ctx")),
    )


def error_in(part: dict[str, Any], event: bytes = b"") -> Failure | None:
    """The error a stream message carries, if it carries one."""
    if part.get("error"):
        return unwrap(part)
    if event == b"error" or (part.get("object") == "error" and "choices" not in part):
        return unwrap(part)
    return None


def _keys(value: dict[str, Any]) -> tuple[str, ...]:
    """Kokoro-FastAPI has a code in `error`, and the words in `message`."""
    error = value.get("error")
    is_code = isinstance(error, str) and " " not in error.strip()
    return ("message", "error", "detail", "msg") if is_code else ("error", "message", "detail", "msg")


def _text(text: str, status: int | None, depth: int) -> Failure:
    if text.lstrip().startswith("{") and depth <= DEEPEST:
        try:
            return unwrap(json.loads(text), status, depth + 1)
        except (ValueError, RecursionError):
            pass
    return Failure(text.strip(), status)


def _leftover(value: dict[str, Any]) -> str:
    return excerpt(json.dumps(value, ensure_ascii=False).encode(errors="replace")) if value else ""


def _plain(body: bytes) -> str:
    text = excerpt(body)
    if "<html" not in text.lower() and "<!doctype" not in text.lower():
        return text
    title = text.lower().partition("<title>")[2].partition("</title>")[0]
    return f"a web page{f' titled “{title.strip()}”' if title else ''}, not a model server's answer"


def _code(value: dict[str, Any]) -> int | None:
    code = _number(value.get("code"))
    return code if code and 400 <= code < 600 else None  # noqa: PLR2004 - HTTP's error range


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
