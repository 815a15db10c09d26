"""An answer with another status than 2xx, or of another kind than was asked for: its class, and the server's words."""

import json
import re
from collections.abc import Iterator
from typing import Any

from load_metrics.exchange import Outcome

TOO_MANY, SERVER_ERROR, CLIENT_ERROR = 429, 500, 400
LONGEST = 400  # characters of the server's words
RUN_FAILED = "Run failed: "  # so begins a chatflow's failure in blocking mode, with status 400
TITLE = re.compile(r"<title>\s*([^<]+)</title>", re.IGNORECASE)
THROTTLED = "Too many requests"  # Dify's words with status 400 at the app's concurrency limit


def refusal(status: int, body: bytes, location: str = "") -> tuple[Outcome, str]:
    """Class and words of an HTTP error or a redirect."""
    said = words(body)
    if status == TOO_MANY or (status == CLIENT_ERROR and THROTTLED in said):
        return Outcome.HTTP_429, _told(status, said)
    if status == CLIENT_ERROR and said.startswith(RUN_FAILED):
        return Outcome.APP_ERROR, said
    if status >= SERVER_ERROR:
        return Outcome.HTTP_5XX, _told(status, said)
    if status >= CLIENT_ERROR:
        return Outcome.HTTP_4XX, _told(status, said)
    return Outcome.PROTOCOL, _told(status, f"it points to {location or 'nowhere'}: use that address")


def words(body: bytes) -> str:
    """What a server says about an error, in whichever field; of a page its title; else the beginning of the body."""
    text = body.decode("utf-8", "replace").strip()
    value, title = _json(text), TITLE.search(text)
    said = title[1] if title and value is None else next(_said(value), text)
    return said.strip()[:LONGEST]


def is_error(body: bytes) -> bool:
    """Whether a document with status 200 is a server's error."""
    value = _json(body.decode("utf-8", "replace"))
    return isinstance(value, dict) and bool(value.get("error"))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _said(value: Any) -> Iterator[str]:
    """Every text under a name for errors, the outermost first."""
    if isinstance(value, str) and value:
        yield value
    if isinstance(value, dict):
        for name in ("error", "message", "detail", "text"):
            yield from _said(value.get(name))


def _told(status: int, said: str) -> str:
    return f"HTTP {status}: {said}" if said else f"HTTP {status}"
