"""Which other addresses the server may have meant; these few and no others, one connection each."""

from collections.abc import Iterable
from ipaddress import ip_address

from provider.core.address import PORTS, host_and_port, is_loopback, is_this_machine, root_url
from provider.core.reachability.attempt import Place
from provider.core.reachability.network import Names, Network
from provider.core.reachability.together import together

HOST_NAMES = ("host.docker.internal", "host.containers.internal")
BRIDGE = "172.17.0.1"  # the host itself, from every network of a Docker Engine on Linux
LOOPBACK = "127.0.0.1"
SECURE_PORT = 443


def look_up(network: Network, url: str, until: float) -> dict[str, Names]:
    """The addresses of the typed name and of the names for the host, all at once: a slow name server costs once."""
    hosts = tuple(dict.fromkeys((host_and_port(url)[0], *_host_names(network))))
    found = together(
        [lambda host=host: network.resolve(host, until) for host in hosts],
        until,
        lambda _: Names(outcome="slow name server"),
    )
    return dict(zip(hosts, found, strict=True))


def alternatives(network: Network, url: str, kind: str, names: dict[str, Names]) -> list[Place]:
    """Every place worth a try besides the typed one, the most lasting address first."""
    host, port = host_and_port(url)
    if not network.may_look_around() or not all(map(is_private, names[host].ips)):
        return []  # a server on the internet is not meant to be next door
    ports = [one for one in dict.fromkeys((port, *PORTS.get(kind, PORTS["auto"]))) if one != SECURE_PORT]
    seen = {(ip, port) for ip in names[host].ips}
    found = []
    for where, ip in _hosts(network, url, names):
        found += [Place(root_url(where, one), ip) for one in ports if (ip, one) not in seen]
        seen |= {(ip, one) for one in ports}
    return found


def is_private(ip: str) -> bool:
    """Whether the address belongs to a machine or a network of one's own."""
    return not ip_address(ip.partition("%")[0]).is_global


def _host_names(network: Network) -> list[str]:
    """Outside of containers only the hosts file may know them."""
    if not network.may_look_around():
        return []
    known = network.hosts_file()
    return [name for name in HOST_NAMES if name in known or network.in_container()]


def _hosts(network: Network, url: str, names: dict[str, Names]) -> Iterable[tuple[str, str]]:
    """What was typed comes first; but for the same address a name, which stays right when addresses change."""
    typed = host_and_port(url)[0]
    by_name = [(name, ip) for name in (*HOST_NAMES, typed) if name in names for ip in names[name].ips[:1]]
    yield from sorted(by_name, key=lambda pair: pair[1] not in names[typed].ips)
    yield from ((ip, ip) for ip in (BRIDGE, network.default_gateway()) if ip and not network.is_own_address(ip))
    if not (is_this_machine(url) and network.in_container()) and not any(map(is_loopback, names[typed].ips)):
        yield LOOPBACK, LOOPBACK
