"""From what happened at the typed address to the code of its cause."""

from ipaddress import ip_address, ip_network

from provider.core.address import display, is_address, is_loopback
from provider.core.reachability.alternatives import HOST_NAMES, is_private
from provider.core.reachability.attempt import Finding
from provider.core.reachability.identity import FIRST, LOGIN, fits
from provider.core.reachability.line import Outcome, Page
from provider.core.reachability.network import Network

PLAIN: dict[Outcome, str] = {
    "no name server": "DNS_BROKEN",
    "slow name server": "DNS_SLOW",
    "closed": "FORWARDER_UPSTREAM_DOWN",
    "reset": "CONNECTION_RESET",
    "silent": "HANGS",
    "not http": "NOT_HTTP",
    "tls mismatch": "TLS_MISMATCH",
    "tls untrusted": "TLS_UNTRUSTED",
    "tls wrong name": "TLS_WRONG_NAME",
    "tls expired": "TLS_EXPIRED",
    "tls failed": "TLS_FAILED",
    "proxy down": "PROXY_DOWN",
    "proxy refuses": "PROXY_REFUSES",
    "proxy unsupported": "PROXY_UNSUPPORTED",
    "proxy in the way": "PROXY_IN_THE_WAY",
    "failed": "UNREACHABLE",
}
NOTHING_THERE: tuple[Outcome, ...] = ("refused", "timed out", "host unreachable", "net unreachable")
# Docker Desktop and Lima forward from these to the host's 127.0.0.1, so there a server may stay on it.
FORWARDED = tuple(map(ip_network, ("192.168.65.0/24", "192.168.5.2/32")))
PRIVATE = tuple(
    map(
        ip_network,
        ("172.16.0.0/12", "192.168.0.0/16", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)
# What Ollama lets in while it listens on 127.0.0.1.
TRUSTED_NAMES = ("localhost", ".localhost", ".local", ".internal")
# A neighbour is given up after 3.05 s. A firewall says no at once, or at its second packet, after 1.03 s.
NEIGHBOUR_GIVEN_UP = 2.5
WRONG_SCHEME = (b"http request was sent to https", b"http request to an https server")
BEHIND_IS_DOWN = (502, 503, 504)
MOVED = (301, 302, 307, 308)
FORBIDDEN, LOADING = 403, 503


def code_of(finding: Finding, kind: str, network: Network) -> str:
    """The cause's code, a key of `codes.BY_CODE`."""
    if finding.page:
        return _of_page(finding, finding.page, kind)
    if finding.outcome == "unknown name":
        return _of_name(finding.place.host, network)
    if finding.outcome in NOTHING_THERE:
        return _of_silence(finding, network)
    return PLAIN[finding.outcome]


def detail_of(finding: Finding, code: str) -> str:
    """What goes into the blank for what the other side said."""
    if code == "TLS_MISMATCH":
        return finding.place.other_scheme.url
    if code == "MOVED" and finding.page:
        return _new_address(finding.page)
    return finding.name or finding.detail or (f"HTTP {finding.page.status}" if finding.page else "")


def source_of(ip: str) -> str:
    """Whom the server's firewall has to let in: the private block both sides live in."""
    address = ip_address(ip.partition("%")[0])
    return next((str(block) for block in PRIVATE if address in block), "::/0" if ":" in ip else "0.0.0.0/0")


def _of_page(finding: Finding, page: Page, kind: str) -> str:
    if any(words in page.body[:500].lower() for words in WRONG_SCHEME):
        return "TLS_MISMATCH"
    if _new_address(page):
        return "MOVED"
    if page.status in LOGIN:
        return "OLLAMA_HOST_CHECK" if _is_host_check(finding.place.host, page) else "AUTH"
    return _of_server(finding.name, kind, page.status) if finding.name else _of_stranger(page)


def _of_server(name: str, kind: str, status: int) -> str:
    if not fits(kind, name):
        return "WRONG_KIND"
    return "LOADING" if status == LOADING else "READY"


def _of_stranger(page: Page) -> str:
    return "GATEWAY_UPSTREAM_DOWN" if page.status in BEHIND_IS_DOWN else "WRONG_SERVICE"


def _of_name(host: str, network: Network) -> str:
    if not network.in_container():
        return "DNS_UNKNOWN"
    if host in HOST_NAMES:
        return "HOST_NAME_MISSING"
    return "DNS_UNKNOWN" if "." in host else "SERVICE_NAME_UNKNOWN"


def _of_silence(finding: Finding, network: Network) -> str:
    ip = finding.place.ip
    if is_loopback(ip) and network.in_container():
        return "LOCALHOST_IN_CONTAINER"
    if network.in_container() and network.is_own_address(ip):
        return "OWN_ADDRESS"
    if finding.outcome == "refused":
        return "NOT_RUNNING" if is_loopback(ip) or _is_forwarded(ip) else "REFUSED"
    if finding.outcome == "net unreachable":
        return _of_no_route(ip, network)
    return _of_lost_packets(finding, network)


def _of_no_route(ip: str, network: Network) -> str:
    if ":" in ip:
        return "NO_IPV6"
    return "NO_ROUTE" if network.in_container() and not network.default_gateway() else "NOT_CONNECTED"


def _of_lost_packets(finding: Finding, network: Network) -> str:
    """A machine that has said its hardware address is up, so silence is a firewall's."""
    ip = finding.place.ip
    if is_loopback(ip):
        return "HANGS"  # its queue of connections is full
    if network.is_alive(ip) is False:
        return "NO_SUCH_HOST"
    if finding.outcome == "host unreachable":
        return "NO_SUCH_HOST" if finding.seconds > NEIGHBOUR_GIVEN_UP else "FIREWALL_REJECT"
    gateway = network.default_gateway()
    way_works = network.is_alive(ip) or (is_private(ip) and bool(gateway) and network.is_alive(gateway))
    return "FIREWALL_DROP" if way_works else "NO_REPLY"


def _new_address(page: Page) -> str:
    """Where the server has gone with all its routes; a redirection to elsewhere is a login page or the like."""
    target = display(page.headers.get("location", ""))
    is_whole = page.status in MOVED and target.startswith("http") and target.endswith(FIRST)
    return target.removesuffix(FIRST) if is_whole else ""


def _is_host_check(host: str, page: Page) -> bool:
    """Ollama says 403 and nothing else to a name it does not trust."""
    return page.status == FORBIDDEN and not page.body and not is_address(host) and not host.endswith(TRUSTED_NAMES)


def _is_forwarded(ip: str) -> bool:
    return any(ip_address(ip.partition("%")[0]) in network for network in FORWARDED)
