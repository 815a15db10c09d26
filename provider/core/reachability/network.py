"""The questions a diagnosis asks of this machine and its network, each answered with a value."""

import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from requests.utils import get_environ_proxies, select_proxy

from provider.core.address import is_address
from provider.core.reachability.line import Line, Outcome
from provider.core.reachability.together import left, together

CONTAINER_MARKS = (".dockerenv", "run/.containerenv")  # Docker's, Podman's
USABLE_GATEWAY = 2  # RTF_GATEWAY
KNOWN_NEIGHBOUR = 2  # ATF_COM
OUTCOMES: dict[int | None, Outcome] = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed out",
    errno.EHOSTUNREACH: "host unreachable",
    errno.EHOSTDOWN: "host unreachable",
    errno.ENETUNREACH: "net unreachable",
    errno.EADDRNOTAVAIL: "net unreachable",  # ::1 where IPv6 is switched off
    errno.EAFNOSUPPORT: "net unreachable",
    errno.ECONNRESET: "reset",
}
UNKNOWN_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5), getattr(socket, "EAI_ADDRFAMILY", -9))


@dataclass(frozen=True, slots=True)
class Names:
    """The addresses of a name, IPv4 first, or why there are none."""

    ips: tuple[str, ...] = ()
    outcome: Outcome = "open"


@dataclass(frozen=True, slots=True)
class Call:
    """What became of a connection attempt; there is a line when it is open."""

    outcome: Outcome
    seconds: float = 0.0
    line: Line | None = None


def ask_dns(name: str) -> tuple[str, ...]:
    """All addresses of a name, in the system's order."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Network:
    """The real one. `root` is where /proc and /etc are, `lookup` asks the name server."""

    root: Path = Path("/")
    lookup: Callable[[str], tuple[str, ...]] = ask_dns

    def resolve(self, name: str, until: float) -> Names:
        """Literal addresses and the hosts file first: a name server may take 10 s to say nothing."""
        known = (name,) if is_address(name) else self.hosts_file().get(name.rstrip(".").lower(), ())
        if known:
            return Names(_ipv4_first(known))
        return together([lambda: self._ask(name)], until, lambda _: Names(outcome="slow name server"))[0]

    def connect(self, ip: str, port: int, until: float) -> Call:
        """One TCP connection."""
        began = monotonic()
        try:
            line = Line(socket.create_connection((ip, port), timeout=left(until)))
        except TimeoutError:
            return Call("timed out", monotonic() - began)
        except OSError as error:
            return Call(OUTCOMES.get(error.errno, "failed"), monotonic() - began)
        return Call("open", monotonic() - began, line)

    def hosts_file(self) -> dict[str, tuple[str, ...]]:
        """Names and their addresses in /etc/hosts."""
        names: dict[str, tuple[str, ...]] = {}
        for line in self._lines("etc/hosts"):
            ip, *aliases = line.partition("#")[0].split() or [""]
            for alias in aliases:
                names[alias.lower()] = (*names.get(alias.lower(), ()), ip)
        return names

    def default_gateway(self) -> str:
        """The address packets for everywhere else go to; empty when there is none."""
        for row in map(str.split, self._lines("proc/net/route")[1:]):
            if row[1] == "00000000" and int(row[3], 16) & USABLE_GATEWAY:
                return socket.inet_ntoa(bytes.fromhex(row[2])[::-1])
        return ""

    def is_alive(self, ip: str) -> bool | None:
        """Whether a direct neighbour has said its hardware address; `None` when we never asked."""
        for row in map(str.split, self._lines("proc/net/arp")[1:]):
            if row[0] == ip:
                return bool(int(row[2], 16) & KNOWN_NEIGHBOUR) and row[3] != "00:00:00:00:00:00"
        return None

    def is_own_address(self, ip: str) -> bool:
        """Only an own address can be bound to."""
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_STREAM) as sock:
                sock.bind((ip, 0))
        except OSError:
            return False
        return True

    def in_container(self) -> bool:
        """Whether `localhost` is probably not the machine the user thinks of."""
        return "KUBERNETES_SERVICE_HOST" in os.environ or any((self.root / mark).exists() for mark in CONTAINER_MARKS)

    def may_look_around(self) -> bool:
        """Where no other address may be touched, LOCAL_MODELS_LOOK_AROUND=no confines the look to the typed one."""
        return os.environ.get("LOCAL_MODELS_LOOK_AROUND", "yes").lower() not in ("no", "0", "false", "off")

    def proxy_for(self, url: str) -> str:
        """The proxy that the environment names for this URL, by the rules of `requests`."""
        return select_proxy(url, get_environ_proxies(url)) or ""

    def _ask(self, name: str) -> Names:
        try:
            return Names(_ipv4_first(self.lookup(name)))
        except UnicodeError:  # a label that is longer than a name server allows
            return Names(outcome="unknown name")
        except OSError as error:
            return Names(outcome="unknown name" if error.errno in UNKNOWN_NAME else "no name server")

    def _lines(self, path: str) -> list[str]:
        try:
            return (self.root / path).read_text(errors="replace").splitlines()
        except OSError:
            return []


REAL_NETWORK = Network()


def _ipv4_first(ips: tuple[str, ...]) -> tuple[str, ...]:
    """Model servers listen on IPv4 nearly always; trying that first saves a time-out."""
    return tuple(sorted(ips, key=lambda ip: ":" in ip))
