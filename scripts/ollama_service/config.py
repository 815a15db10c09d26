"""Where Ollama is and how to ask it: an argument wins over the environment, the environment over the default."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from provider.core.address import candidates, host_and_port, is_address, is_this_machine
from provider.core.errors import BadSetting

DEFAULT = "http://127.0.0.1:11434"
CLOUD = "ollama.com"  # Ollama's own exception to its rule for ports
EVERY_ADDRESS = re.compile(r"^(?P<scheme>(?:https?://)?)(?:0(?=[:/]|$)|(?=:\d*(?:/|$)))")
LOCAL_ENDINGS = (".local", ".internal", ".lan", ".home.arpa", ".localdomain")
READ, CONNECT, WRITE = 300.0, 10.0, 30.0  # seconds
CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Config:
    """Seconds are of silence; the whole of an answer may take any time."""

    url: str
    model: str = ""
    read: float = READ
    connections: int = CONNECTIONS
    api_key: str = field(default="", repr=False)
    connect: float = CONNECT
    write: float = WRITE

    @property
    def trusts_environment(self) -> bool:
        """Proxies of the environment are for the internet; a local server is not behind them."""
        return not is_local(self.url)


def configured(  # noqa: PLR0913 - what may be set
    base_url: str = "",
    *,
    model: str = "",
    timeout: float | None = None,
    max_connections: int | None = None,
    api_key: str = "",
    environment: Mapping[str, str] = os.environ,
) -> Config:
    """Raises `BadSetting` that names the variable."""
    return Config(
        address(base_url, environment),
        model or environment.get("OLLAMA_DEFAULT_MODEL", "").strip(),
        _above_zero("timeout", timeout) or _number(environment, "OLLAMA_TIMEOUT", float, READ),
        _above_zero("max_connections", max_connections)
        or _number(environment, "OLLAMA_MAX_CONNECTIONS", int, CONNECTIONS),
        _key(api_key or environment.get("LOCAL_MODELS_API_KEY", "").strip()),
    )


def address(base_url: str, environment: Mapping[str, str]) -> str:
    """The root URL, by Ollama's own rules: without a scheme its port is 11434, with one it is the scheme's."""
    if base_url.strip():
        return _root(base_url)
    for name in ("OLLAMA_BASE_URL", "OLLAMA_HOST"):
        if typed := environment.get(name, "").strip(" \t\"'"):
            try:
                return _root(typed)
            except BadSetting as error:
                raise BadSetting(f"{name}: {error}") from error
    return DEFAULT


def is_local(url: str) -> bool:
    """This machine, a private network, or a name that only exists in one."""
    host = host_and_port(url)[0].rstrip(".").lower()
    if is_this_machine(url):
        return True
    if is_address(host):
        return not ip_address(host).is_global  # also Tailscale's range, which counts as neither private nor public
    return "." not in host or host.endswith(LOCAL_ENDINGS)


def as_ollama_reads(typed: str) -> str:
    """The same address without what only Ollama knows: no host and `0` are every address of this machine."""
    text = typed.strip(" \t\"'")
    return f"https://{CLOUD}" if text == CLOUD else EVERY_ADDRESS.sub(r"\g<scheme>127.0.0.1", text)


def _root(typed: str) -> str:
    return candidates(as_ollama_reads(typed), "ollama")[0]


def _key(key: str) -> str:
    if not (key.isascii() and key.isprintable()):
        raise BadSetting("LOCAL_MODELS_API_KEY has characters that no key has; copy it anew")
    return key


def _above_zero[Number: (int, float)](name: str, given: Number | None) -> Number | None:
    if given is not None and not 0 < given < math.inf:
        raise BadSetting(f"{name} must be a number above 0, not {given}")
    return given


def _number(environment: Mapping[str, str], name: str, read: Any, default: Any) -> Any:
    text = environment.get(name, "").strip()
    try:
        number = read(text) if text else default
    except ValueError:
        number = 0
    if not 0 < number < math.inf:  # also for what is no number at all
        raise BadSetting(f"{name} must be a number above 0, not “{text}”")
    return number
