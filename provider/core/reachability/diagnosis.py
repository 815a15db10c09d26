"""Look up the name, knock on all doors at once, and have it explained what came of it."""

from collections.abc import Callable
from time import monotonic

from provider.core.address import display, host_and_port
from provider.core.reachability.alternatives import alternatives, look_up
from provider.core.reachability.attempt import Finding, Place, attempt, attempt_thoroughly
from provider.core.reachability.causes import NOTHING_THERE
from provider.core.reachability.explanation import Case, Diagnosis, explain
from provider.core.reachability.network import REAL_NETWORK, Names, Network
from provider.core.reachability.proxies import Proxy, attempt_through
from provider.core.reachability.together import share, together
from provider.core.server import Tls

DNS_SHARE = 1 / 3
ALTERNATIVE_SHARE = 0.5
MOST_IPS = 3


def diagnose(  # noqa: PLR0913 - the seams and the settings that a connection depends on
    url: str,
    kind: str = "auto",
    *,
    proxy: str = "",
    tls: Tls = Tls(),  # noqa: B008 - frozen
    network: Network = REAL_NETWORK,
    deadline: float = 6.0,
) -> Diagnosis:
    """Find out within `deadline` seconds why the server at `url` does not answer, and what answers instead."""
    until = monotonic() + deadline
    case = Case(url, kind, network.proxy_for(url) if proxy == "env" else proxy, tls, network)
    names = look_up(network, url, share(DNS_SHARE, until))
    direct, through, *others = _knock(case, names, until)
    return explain(case, _decisive(case, direct, through), others)


def _knock(case: Case, names: dict[str, Names], until: float) -> list[Finding]:
    """Every door at once: the typed address, the typed address through the proxy, the alternatives."""
    typed = names[host_and_port(case.url)[0]]
    here = Place(case.url, next(iter(typed.ips), ""))
    places = [here, here, *alternatives(case.network, case.url, case.kind, names)]
    soon = share(ALTERNATIVE_SHARE, until)
    doors: list[Callable[[], Finding]] = [
        lambda: _knock_typed(case, typed, until),
        lambda: _knock_through(case, here, until),
        *(lambda place=place: attempt(case.network, place, case.tls, soon) for place in places[2:]),
    ]
    return together(doors, until, lambda at: Finding(places[at], "timed out"))


def _knock_typed(case: Case, typed: Names, until: float) -> Finding:
    """Each address of the name until one takes the call."""
    if not typed.ips:
        return Finding(Place(case.url, ""), typed.outcome)
    findings = []
    for ip in typed.ips[:MOST_IPS]:
        findings.append(attempt_thoroughly(case.network, Place(case.url, ip), case.tls, until))
        if findings[-1].outcome not in NOTHING_THERE:
            return findings[-1]
    return findings[0]


def _knock_through(case: Case, place: Place, until: float) -> Finding:
    if not case.proxy:
        return Finding(place, "open")
    return attempt_through(case.network, place, Proxy(case.proxy, case.tls), until)


def _decisive(case: Case, direct: Finding, through: Finding) -> Finding:
    """The finding that says what is wrong: with a proxy, the one that went through it."""
    if not case.proxy:
        return direct
    if direct.page and not through.page:
        return Finding(direct.place, "proxy in the way", detail=display(case.proxy))
    return direct if through.outcome == "open" and not through.page else through
