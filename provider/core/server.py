"""Which server we speak to, and how: address, key, TLS, proxy, patience."""

from dataclasses import dataclass, field
from typing import Literal

SHORTEST_SECRET = 6  # characters; what is shorter may be a word

type Kind = Literal["auto", "ollama", "llamacpp", "lmstudio", "openai"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. A model may load for minutes, a dead host should fail at once."""

    connect: float = 10.0
    first_token: float = 300.0
    idle: float = 120.0
    total: float = 590.0  # Dify's daemon ends a call after 600 s without a word


@dataclass(frozen=True, slots=True)
class Tls:
    """`ca` is the path of a PEM file or the PEM text itself."""

    ca: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Server:
    """Where a model server is. `url` has a scheme and no trailing slash; routes are appended to it."""

    url: str
    kind: Kind = "auto"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # holds the key
    tls: Tls = Tls()
    proxy: str = ""  # empty: direct; "env": what the environment says; else a proxy's URL
    timeouts: Timeouts = Timeouts()

    def masked(self, text: str) -> str:
        """Without the keys and passwords that were sent: some servers repeat a wrong one in their refusal."""
        for _, value in self.headers:
            for secret in (value, value.rpartition(" ")[2]):
                text = text.replace(secret, "…") if len(secret) >= SHORTEST_SECRET else text
        return text
