"""Whether the proxy in between does its part."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from provider.core.address import display, host_and_port, root_url
from provider.core.reachability.attempt import Finding, Place, converse, who_is_there
from provider.core.reachability.line import Line, Page, Trouble
from provider.core.reachability.network import Network
from provider.core.reachability.together import share
from provider.core.server import Tls

REFUSALS = (403, 407, 502, 503, 504)
SQUID_ERROR = "x-squid-error"
RESOLVE_SHARE, CONNECT_SHARE, ANSWER_SHARE = 0.4, 0.5, 0.8


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and how we trust what is behind it."""

    url: str
    tls: Tls


def attempt_through(network: Network, place: Place, proxy: Proxy, until: float) -> Finding:
    """One connection to the proxy; it has no page when the proxy is to blame."""
    scheme = urlsplit(proxy.url).scheme
    if scheme not in ("http", "https"):
        return Finding(place, "proxy unsupported", detail=display(proxy.url))
    line = _open(network, proxy, until)
    if not line:
        return Finding(place, "proxy down", detail=display(proxy.url))
    try:
        if scheme == "https":  # there is a proxy; how it behaves inside of TLS is not looked at
            return Finding(place, "open")
        return (_tunnel if place.secure else _forward)(line, place, proxy.tls, share(ANSWER_SHARE, until))
    except Trouble as trouble:
        return Finding(place, "proxy refuses", detail=f"nothing (the connection is {trouble.outcome})")
    finally:
        line.close()


def _open(network: Network, proxy: Proxy, until: float) -> Line | None:
    host, port = host_and_port(proxy.url)
    ips = network.resolve(host, share(RESOLVE_SHARE, until)).ips
    return network.connect(ips[0], port, share(CONNECT_SHARE, until)).line if ips else None


def _tunnel(line: Line, place: Place, tls: Tls, until: float) -> Finding:
    there = urlsplit(root_url(place.host, place.port)).netloc
    page = line.tunnel(there, until)
    if not _is_passed_on(page):
        return _refused(place, page)
    try:
        return converse(line, place, tls, until)
    except Trouble as trouble:
        return Finding(place, trouble.outcome, detail=trouble.detail)


def _forward(line: Line, place: Place, _: Tls, until: float) -> Finding:
    finding = who_is_there(place, lambda path: line.ask(urlsplit(place.url).netloc, place.url + path, until))
    page = finding.page or Page(0)
    return finding if finding.name or _is_passed_on(page) else _refused(place, page)


def _is_passed_on(page: Page) -> bool:
    return page.status not in REFUSALS


def _refused(place: Place, page: Page) -> Finding:
    return Finding(place, "proxy refuses", detail=f"HTTP {page.status} {page.headers.get(SQUID_ERROR, '')}".strip())
