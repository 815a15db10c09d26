"""What people type as a server's address, and the root URLs it can mean."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, NoReturn
from urllib.parse import quote, urlsplit

from provider.core.errors import BadSetting

PORTS: dict[str, tuple[int, ...]] = {
    "ollama": (11434,),
    "llamacpp": (8080, 9931),  # llama-server says that 9931 will be its next default
    "lmstudio": (1234,),
    "openai": (8000,),
    "auto": (11434, 8080, 1234, 9931, 8000),
}
EXAMPLE = "http://host.docker.internal:11434"
LONGEST_SHOWN = 80
LAST_PORT = 65535

# An input method for Chinese or Japanese types these instead of the ASCII ones.
FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {ord("。"): "."}

_OPENAI_ROUTE = (
    r"chat(?:/completions)?|completions?|embeddings?|models(?:/.+)?|responses|messages|rerank(?:ing)?|health"
)
_OLLAMA_ROUTE = r"chat(?:/completions)?|generate|tags|show|version|ps|embed|embeddings|pull|push|create|copy|delete"
ROUTE = re.compile(
    rf"/(?:(?:(?P<both>api/v1)|(?:v1/)?v1|api/v0)(?:/(?:{_OPENAI_ROUTE}))?"
    rf"|api(?:/(?:{_OLLAMA_ROUTE}))?|health|props|completion|chat/completions)$",
    re.IGNORECASE,
)
NAME = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?")
LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


class _Parts(NamedTuple):
    scheme: str  # empty when none was typed
    host: str  # as it stands in a URL: an IPv6 address has brackets
    port: int | None
    path: str


def candidates(typed: str, kind: str = "auto") -> tuple[str, ...]:
    """Root URLs to try, in this order; more than one only when a port or the root is open to guesses."""
    parts = _parse(_clean(typed))
    paths = _roots(parts.path)
    return tuple(f"{origin}{path}" for path in paths for origin in _origins(parts, kind))


def host_and_port(url: str) -> tuple[str, int]:
    """Where to connect: the host without brackets, and the scheme's own port when the URL has none."""
    parts = urlsplit(url)
    host = (parts.hostname or "").replace("%25", "%")
    return host, parts.port or (443 if parts.scheme == "https" else 80)


def root_url(host: str, port: int, scheme: str = "http") -> str:
    """The URL of a host's port; the reverse of `host_and_port`."""
    bracketed = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return f"{scheme}://{bracketed}:{port}"


def is_this_machine(url: str) -> bool:
    """Whether the host is a loopback name or address."""
    host = host_and_port(url)[0].rstrip(".")
    return host in LOOPBACK_NAMES or host.endswith(".localhost") or is_loopback(host)


def is_address(host: str) -> bool:
    """Whether this is an address already, and no name to look up."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether this is an address that never leaves the machine."""
    if not is_address(host):
        return False
    address = ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return any(one.is_loopback or one.is_unspecified for one in (address, mapped) if one)


def display(url: str) -> str:
    """The URL as it may be shown: without user, password, query and fragment."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def _clean(typed: str) -> str:
    text = typed.translate(FULL_WIDTH).strip("\"'`“”‘’<> \t\r\n\u3000\u00a0\ufeff")
    if not text:
        raise BadSetting(f"The server address is empty. Example: {EXAMPLE}")
    if "@" in text:  # first of all checks, because the others show what was typed
        raise BadSetting(
            "The server address holds a user name or password. Remove everything up to the @, and enter "
            f"user:password as the API key, to be sent as “Basic”. Example: {EXAMPLE}"
        )
    return text


def _parse(text: str) -> _Parts:
    if not text.isprintable() or any(character.isspace() or character == "\\" for character in text):
        _refuse(re.split(r"[\s\\]|[^ -~]", text, maxsplit=1)[0] + "…", "contains a blank or a backslash")
    if "?" in text or "#" in text:
        _refuse(re.split("[?#]", text, maxsplit=1)[0] + "…", "must end before the ? or #")
    scheme, rest = text.split("://", 1) if "://" in text else ("", text)
    if scheme.lower() not in ("", "http", "https"):
        _refuse(text, "has a scheme that cannot be used: only http:// and https:// can")
    authority, slash, path = rest.partition("/")
    host, port = _host_and_port(authority, text)
    if not host and (port is None or not authority):
        _refuse(text, "has no host name (a file or unix socket cannot be used)")
    return _Parts(scheme.lower(), host or "127.0.0.1", port, slash + path)


def _host_and_port(authority: str, text: str) -> tuple[str, int | None]:
    if authority.isdecimal():
        return "", _port(authority, text)  # only a port was typed
    if authority.startswith("["):
        host, bracket, tail = authority[1:].partition("]")
        return _ipv6(host if bracket else "", text), _port(tail.removeprefix(":"), text)
    if authority.count(":") > 1:
        return _ipv6(authority, text), None
    host, _, port = authority.partition(":")
    if host.lower() in ("http", "https", "ws", "wss", "file", "unix", "tcp"):
        _refuse(text, "has a scheme that cannot be used: write http:// once, then the host name")
    return _host(host, text), _port(port, text)


def _port(digits: str, text: str) -> int | None:
    if not digits:
        return None
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits[:6]) <= LAST_PORT):
        _refuse(text, f"has no valid port: it is a number from 1 to {LAST_PORT}")
    return int(digits)


def _ipv6(host: str, text: str) -> str:
    try:
        address = IPv6Address(host.replace("%25", "%"))
    except AddressValueError:
        _refuse(text, "has no valid IPv6 address (an IPv6 address with a port looks like [fd00::1]:11434)")
    # "Listen on every address" is no place to go to.
    return "[::1]" if address.is_unspecified else f"[{str(address).replace('%', '%25')}]"


def _host(host: str, text: str) -> str:
    if host and not host.strip("0123456789."):
        return _ipv4(host, text)
    try:
        name = host.encode("idna").decode().lower() if not host.isascii() else host.lower()
    except UnicodeError:
        name = "-"
    if name and not NAME.fullmatch(name):
        _refuse(text, "has no valid host name")
    return name


def _ipv4(host: str, text: str) -> str:
    try:
        address = IPv4Address(host)
    except AddressValueError:
        _refuse(text, "has no valid IPv4 address: it has four numbers from 0 to 255")
    return "127.0.0.1" if address.is_unspecified else str(address)


def _roots(path: str) -> tuple[str, ...]:
    """The path without the route people paste with it; `/api/v1` is LM Studio's route or Lemonade's prefix."""
    prefix = re.sub(r"/+", "/", quote(path, safe="/%~!$&'()*+,;=:")).rstrip("/")
    route = ROUTE.search(prefix)
    if not route:
        return (prefix,)
    root = prefix[: route.start()]
    return (root, f"{root}/api") if route["both"] else (root,)


def _origins(parts: _Parts, kind: str) -> list[str]:
    if parts.port is None and parts.scheme:
        return [f"{parts.scheme}://{parts.host}"]
    ports = PORTS.get(kind, PORTS["auto"]) if parts.port is None else (parts.port,)
    return [f"{parts.scheme or 'http'}://{parts.host}:{port}" for port in ports]


def _refuse(text: str, why: str) -> NoReturn:
    shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    raise BadSetting(f"The server address “{shown}” {why}. Example: {EXAMPLE}")
