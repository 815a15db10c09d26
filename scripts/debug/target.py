"""Where the plugin shall connect, and with which key: flags, then the environment, then `.env`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

METHOD, URL = "INSTALL_METHOD", "REMOTE_INSTALL_URL"
HOST, PORT, KEY = "REMOTE_INSTALL_HOST", "REMOTE_INSTALL_PORT", "REMOTE_INSTALL_KEY"
USUAL_PORT, HIGHEST_PORT = 5003, 65535
PLACE = "Dify → Plugins → the bug icon → Key"


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is empty and `port` 0 where nobody said; `key_from` says who gave the key."""

    host: str = ""
    port: int = 0
    key: str = field(default="", repr=False)
    key_from: str = ""

    @property
    def address(self) -> str:
        return address(self.host, self.port)


def address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def chosen(file: Mapping[str, str], environ: Mapping[str, str], host: str, port: int, name: str) -> Target:
    """What cannot be meant counts as not said: the checks have named it."""
    env = {each.upper(): value for each, value in environ.items() if value}
    both = {**file, **env}
    told = read_url(both.get(URL, "")) or (both.get(HOST, ""), _port(both.get(PORT, "")))
    key_from = f"the environment's {KEY}" if env.get(KEY) else name
    return Target(host or told[0], port or told[1], both.get(KEY, ""), key_from)


def read_url(url: str) -> tuple[str, int] | None:
    """`host:port`, with or without a scheme; `None` when the SDK could not make one of it."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (host, port) if host and port else None


def is_port(text: str) -> bool:
    return bool(_port(text))


def variables(target: Target) -> dict[str, str]:
    """For the plugin's process. The SDK prefers the URL, so one in its own `.env` must not win over ours."""
    return {METHOD: "remote", URL: f"tcp://{target.address}", **lines(target)}


def lines(target: Target) -> dict[str, str]:
    """For `.env`: host and port apart, because a value that is one with its port breaks in other files."""
    return {HOST: target.host, PORT: str(target.port), KEY: target.key}


def _port(text: str) -> int:
    number = int(text) if text.strip().isascii() and text.strip().isdecimal() else 0
    return number if number <= HIGHEST_PORT else 0
