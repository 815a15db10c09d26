"""Which addresses this machine listens on, from /proc/net: needs no program and no rights."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from scripts.host.machine import Machine

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
LISTEN = "0A"
WORD = 8  # hexadecimal digits of 32 bits, least significant byte first
BRIDGES = ip_network("172.16.0.0/12")  # where Docker takes its networks from


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    port: int
    address: str

    @property
    def is_everywhere(self) -> bool:
        return ip_address(self.address).is_unspecified

    @property
    def is_loopback(self) -> bool:
        return ip_address(self.address).is_loopback

    @property
    def reach(self) -> str:
        """Who gets through, as far as the address decides."""
        address = ip_address(self.address)
        if address.is_unspecified:
            return "every network of this machine" + (", IPv6 too" if address.version == 6 else "")  # noqa: PLR2004
        if address.is_loopback:
            return "this machine only: containers are refused"
        return "containers" if address in BRIDGES else "the network of that address"

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def listeners(machine: Machine) -> list[Listener] | None:
    """In the order of ports, or `None` where there is no such table."""
    tables = [machine.read(path) for path in TABLES]
    if all(table is None for table in tables):
        return None
    return sorted({listener for table in tables for listener in _read(table or "")})


def _read(table: str) -> Iterator[Listener]:
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[3] == LISTEN:  # noqa: PLR2004 - sl, local address, remote address, state
            address, _, port = fields[1].partition(":")
            yield Listener(int(port, 16), _address(address))


def _address(digits: str) -> str:
    words = [bytes.fromhex(digits[at : at + WORD])[::-1] for at in range(0, len(digits), WORD)]
    if len(words) == 1:
        return str(IPv4Address(words[0]))
    address = IPv6Address(b"".join(words))
    return str(address.ipv4_mapped or address)
