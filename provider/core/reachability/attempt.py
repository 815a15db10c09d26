"""One address, step by step on one connection: connect, TLS, and who is there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from provider.core.address import host_and_port, root_url
from provider.core.reachability import identity
from provider.core.reachability.line import Line, Outcome, Page, Trouble
from provider.core.reachability.network import Network
from provider.core.reachability.together import share
from provider.core.server import Tls

# An absent neighbour is known after 3.1 s, so most of the 6 s go into connecting.
CONNECT_SHARE = 0.6
ANSWER_SHARE = 0.6
# The connection worked, but what came over it may be the other of HTTP and HTTPS.
PERHAPS_OTHER_SCHEME: tuple[Outcome, ...] = ("closed", "reset", "silent", "not http", "tls mismatch")
SPOKE_TLS: tuple[Outcome, ...] = ("tls untrusted", "tls wrong name", "tls expired")


@dataclass(frozen=True, slots=True)
class Place:
    """A URL together with one address of its host."""

    url: str
    ip: str

    @property
    def host(self) -> str:
        return host_and_port(self.url)[0]

    @property
    def port(self) -> int:
        return host_and_port(self.url)[1]

    @property
    def secure(self) -> bool:
        return self.url.startswith("https:")

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def other_scheme(self) -> "Place":
        """The same port, spoken to as HTTPS instead of HTTP or the other way round."""
        return replace(self, url=root_url(self.host, self.port, "http" if self.secure else "https") + self.path)


@dataclass(frozen=True, slots=True)
class Finding:
    """How far we came at a place. `name` is who answered there, empty for no model server we know."""

    place: Place
    outcome: Outcome
    seconds: float = 0.0
    page: Page | None = None
    name: str = ""
    detail: str = ""


def attempt(network: Network, place: Place, tls: Tls, until: float) -> Finding:
    """One connection to one place."""
    call = network.connect(place.ip, place.port, share(CONNECT_SHARE, until))
    if not call.line:
        return Finding(place, call.outcome, call.seconds)
    try:
        return converse(call.line, place, tls, share(ANSWER_SHARE, until))
    except Trouble as trouble:
        return Finding(place, trouble.outcome, call.seconds, detail=trouble.detail)
    finally:
        call.line.close()


def attempt_thoroughly(network: Network, place: Place, tls: Tls, until: float) -> Finding:
    """As `attempt`, and when the connection says nothing sensible, once more with the other scheme."""
    finding = attempt(network, place, tls, until)
    if finding.outcome not in PERHAPS_OTHER_SCHEME:
        return finding
    other = attempt(network, place.other_scheme, tls, until)
    if other.page or other.outcome in SPOKE_TLS:
        return replace(finding, outcome="tls mismatch")
    return finding


def converse(line: Line, place: Place, tls: Tls, until: float) -> Finding:
    """What a connection to the place has to say."""
    if place.secure:
        line.secure(place.host, tls, until)
    return who_is_there(place, lambda path: line.ask(urlsplit(place.url).netloc, place.path + path, until))


def who_is_there(place: Place, ask: Callable[[str], Page]) -> Finding:
    """The finding at a place that answers HTTP."""
    first = ask(identity.FIRST)
    return Finding(place, "open", page=first, name=identity.identify(first, ask))
