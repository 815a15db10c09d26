"""What to ask: an address, a body, and how long to wait."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

PORTS = {"http": 80, "https": 443}


class BadAddress(ValueError):
    """An address that cannot be meant; the text says what can."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: to connect, without any byte, and for the whole request."""

    connect: float = 10.0
    silence: float = 60.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `dialect` is `dify`, `openai` or `ollama`."""

    name: str
    url: str
    body: Mapping[str, Any] | None
    dialect: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # a key may be in there
    method: str = "POST"
    streaming: bool = True
    scheduled: int = 0
    """Open loop: when it should be sent, in ns of CLOCK_MONOTONIC."""
    timeouts: Timeouts = Timeouts()
    reuse: bool = True
    """Whether a connection of an earlier request may be used."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection goes; those with the same one may serve each other's requests."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@lru_cache(1024)
def address_of(url: str) -> Address:
    """Raises `BadAddress` for what is not http://HOST[:PORT]/PATH."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise BadAddress(f"{_shown(url)!r} is no address such as http://127.0.0.1:11434") from None
    if not parts.hostname:
        raise BadAddress(f"{_shown(url)!r} names no host; an address is such as http://127.0.0.1:11434")
    return Address(parts.scheme, parts.hostname, port)


def request_bytes(ask: Ask) -> bytes:
    """The request as it is written; `Accept-Encoding: identity`, for a compressed stream cannot be timed."""
    parts = urlsplit(ask.url)
    body = b"" if ask.body is None else json.dumps(ask.body, ensure_ascii=False).encode("utf-8", "replace")
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "Accept-Encoding": "identity",
        "Connection": "keep-alive" if ask.reuse else "close",
        **({"Content-Type": "application/json"} if ask.body is not None else {}),
        "Content-Length": str(len(body)),
        **ask.headers,
    }
    head = [f"{ask.method} {_target(parts)} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if any("\r" in line or "\n" in line for line in head):
        raise BadAddress(f"{_shown(ask.url)} or a header of it holds a line break")
    return "\r\n".join([*head, "", ""]).encode("latin-1", "replace") + body


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _shown(url: str) -> str:
    """Without what may be a password."""
    return url.rpartition("@")[2] if "@" in url else url
