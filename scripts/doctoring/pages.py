"""What came of one question to one address, and what addresses look like."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
FIRST_QUESTION = "/api/version"
HTTP_PORTS = {"http": 80, "https": 443, "": 11434}
LISTENS_EVERYWHERE = {"": LOOPBACK, "0": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - no place to go to
MOVED = (301, 302, 307, 308)


class Usage(Exception):
    """What was asked for cannot be meant."""


@dataclass
class Page:
    """`outcome` is `open`, or how the way there ended: a word, or a code that says it all."""

    url: str
    ip: str
    outcome: str = "open"
    seconds: float = 0.0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    said: str = ""
    name: str = ""  # of the server, when it is one we know

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or HTTP_PORTS[parts.scheme]

    @property
    def moved_to(self) -> str:
        """Where all routes have gone; a redirection to elsewhere is a login page or the like."""
        place = self.headers.get("location", "").split("?")[0]
        is_whole = self.status in MOVED and re.match(rf"https?://[^@]*{FIRST_QUESTION}$", place)
        return place[: -len(FIRST_QUESTION)] if is_whole else ""

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object that came; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def value(self, key: str) -> Any:
        """`None` when it is not there."""
        return self.fields.get(key)

    def rows(self, key: str) -> list[dict[str, Any]]:
        """The objects of a list in it, whatever else may be among them."""
        found = self.value(key)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def root(host: str, port: int, scheme: str = "http") -> str:
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def swapped(url: str) -> str:
    """The same address with the other of HTTP and HTTPS."""
    return "http" + url[5:] if url.startswith("https") else "https" + url[4:]


def is_ip(host: str, quality: str = "") -> bool:
    """Whether it is an address and no name; with a quality, whether it is a loopback, global … one."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return bool(getattr(address, f"is_{quality}")) if quality else True


def read_address(typed: str) -> tuple[str, bool]:
    """The root URL, and whether it is exact: without scheme and port it leaves room for guesses."""
    scheme, _, rest = typed.strip(" \t\"'").rpartition("://")
    if rest.isdecimal():
        rest = f":{rest}"  # only a port
    elif rest.count(":") > 1 and "[" not in rest:
        rest = f"[{rest}]"
    try:
        parts, port = urlsplit(f"//{rest}"), urlsplit(f"//{rest}").port
    except ValueError:
        parts, port = urlsplit(""), None
    if scheme not in HTTP_PORTS or not parts.netloc or re.search(r"[\s\\?#@]", rest):
        raise Usage("an address looks like http://HOST:11434, without user, password or ?; a key has its own variable")
    host = LISTENS_EVERYWHERE.get(parts.hostname or "", parts.hostname or "")
    path = re.sub(r"(/v1|/api(/v[01])?)(/.*)?$", "", parts.path.rstrip("/"))
    return root(host, port or HTTP_PORTS[scheme], scheme or "http") + path, bool(scheme or port)
