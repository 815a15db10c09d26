"""A socket on Docker's address that hands connections on to a server on loopback.

Safer than letting the server listen everywhere: it stays on 127.0.0.1, so the LAN is refused, its command line works as
before, and Ollama's check of host names stays on.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

from scripts.host.docker import networks
from scripts.host.listening import Listener, listeners
from scripts.host.machine import Machine
from scripts.host.plan import HostFile, Plan
from scripts.host.rendering import render
from scripts.kit import exits
from scripts.kit.command import Stop

UNITS = Path("/etc/systemd/system")
PROXIES = ("/usr/lib/systemd/systemd-socket-proxyd", "/lib/systemd/systemd-socket-proxyd")
LAST_PORT = 65535
FIREWALL_TOO = "With a firewall on this machine the port must be opened for containers: python -m scripts host firewall"


@dataclass(frozen=True, slots=True)
class Way:
    """From a port on Docker's address to a port on loopback."""

    port: int
    target_port: int
    target: str = "127.0.0.1"

    @property
    def name(self) -> str:
        return f"local-models-{self.port}"

    @property
    def destination(self) -> str:
        return f"[{self.target}]:{self.target_port}" if ":" in self.target else f"{self.target}:{self.target_port}"


def forwarder_plan(ports: Sequence[str], address: str, subnets: Sequence[str], target: str, machine: Machine) -> Plan:
    """`ports` as 11434, or as 8080:9931 for another port on loopback."""
    docker = networks(machine)
    address, allowed = _address(address or docker.address), _networks(subnets or docker.subnets)
    ways = [_way(port, _address(target)) for port in ports]
    return Plan(
        files=tuple(file for way in ways for file in _files(way, address, allowed, machine)),
        commands=(
            "sudo systemctl daemon-reload",
            *(f"sudo systemctl enable --now {way.name}.socket" for way in ways),
        ),
        warnings=tuple(_warnings(ways, address, machine)),
        notes=tuple(_notes(ways, address, allowed, docker.reason if not subnets else "")),
    )


def _files(way: Way, address: str, allowed: Sequence[str], machine: Machine) -> Iterator[HostFile]:
    facts = {"way": way, "address": address, "allowed": allowed, "proxy": _proxy(machine)}
    for kind in ("socket", "service"):
        yield HostFile(UNITS / f"{way.name}.{kind}", render(f"forwarder.{kind}", **facts))


def _warnings(ways: Sequence[Way], address: str, machine: Machine) -> Iterator[str]:
    open_ports = listeners(machine)
    for way in ways:
        here = [each for each in open_ports or () if each.port == way.port]
        if taken := next((each for each in here if _is_taken(each, address)), None):
            yield (
                f"Something listens on {taken} already, so this socket would not start. "
                "If it is Ollama, remove OLLAMA_HOST from its service: on 127.0.0.1 it needs no other address."
            )
        if open_ports is not None and not any(each.port == way.target_port for each in open_ports):
            yield f"Nothing listens on port {way.target_port} now: start the server, or correct --port."


def _is_taken(listener: Listener, address: str) -> bool:
    return listener.is_everywhere or listener.address == address


def _notes(ways: Sequence[Way], address: str, allowed: Sequence[str], docker: str) -> Iterator[str]:
    if docker:
        yield f"Docker did not tell ({docker}): {address} and {', '.join(allowed)} are what it usually has."
    yield FIREWALL_TOO
    for way in ways:
        yield f"In Dify the server address is http://host.docker.internal:{way.port} or http://{address}:{way.port}."
    if shutil.which("systemctl") is None:
        way = ways[0]
        yield (
            "No systemd here. The same by hand: "
            f"socat TCP-LISTEN:{way.port},bind={address},range={allowed[0]},fork,reuseaddr TCP:{way.destination}"
        )


def _proxy(machine: Machine) -> str:
    return next((path for path in PROXIES if machine.path(path).exists()), PROXIES[0])


def _way(typed: str, target: str) -> Way:
    port, _, target_port = typed.partition(":")
    return Way(port_number(port), port_number(target_port or port), target)


def port_number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and 0 < int(typed[:6]) <= LAST_PORT):
        raise Stop(f"“{typed}” is no port: a port is a number from 1 to {LAST_PORT}", code=exits.USAGE)
    return int(typed)


def _address(typed: str) -> str:
    try:
        return str(ip_address(typed.strip("[]")))
    except ValueError:
        raise Stop(f"“{typed}” is no IP address such as 172.17.0.1", code=exits.USAGE) from None


def _networks(typed: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(each)) for each in typed)
    except ValueError as error:
        raise Stop(f"--from wants a network such as 172.16.0.0/12: {error}", code=exits.USAGE) from None
