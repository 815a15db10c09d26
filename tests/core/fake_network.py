"""A network that plays back what was measured on real ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from provider.core.reachability import Network
from provider.core.reachability.line import Line, Outcome, Page, Trouble
from provider.core.reachability.network import Call, Names

BRIDGE, GATEWAY = "172.17.0.1", "172.18.0.1"
LAN = "192.168.1.5"
HOST_NAME = "host.docker.internal"

NO_PAGE = Page(404, body=b"404 page not found")  # as Ollama says it
OLLAMA = {"/api/version": Page(200, body=b'{"version":"0.33.0"}')}
LLAMACPP = {"/api/version": Page(404, {"server": "llama.cpp"}, b'{"error":{"message":"File Not Found"}}')}
LM_STUDIO = {"/api/v1/models": Page(200, body=b'{"models":[{"key":"qwen","type":"llm"}]}')}
VLLM = {"/v1/models": Page(200, body=b'{"object":"list","data":[{"id":"m","owned_by":"vllm"}]}')}
WEB_PAGE: dict[str, Page | Trouble] = {}
NO_TLS = Trouble("tls mismatch", "WRONG_VERSION_NUMBER")
UNKNOWN = Names(outcome="unknown name")
LOCALHOST = {"localhost": Names(("127.0.0.1", "::1"))}


@dataclass(frozen=True)
class FakeServer:
    """What a server says to each path; everything else it does not know. `tls` is how a handshake with it ends."""

    pages: Mapping[str, Page | Trouble]
    tls: Trouble | None = NO_TLS


class FakeLine(Line):
    def __init__(self, server: FakeServer) -> None:
        self._server = server

    def secure(self, name, tls, until):
        if self._server.tls:
            raise self._server.tls

    def ask(self, host, path, until, method="GET"):
        page = self._server.pages.get(path) or self._server.pages.get("*", NO_PAGE)
        if isinstance(page, Trouble):
            raise page
        return page

    def close(self):
        pass


@dataclass(frozen=True)
class FakeNetwork(Network):
    """What is where. An address that is not listed refuses; `arp` holds the neighbours and whether they are alive."""

    there: Mapping[tuple[str, int], FakeServer | tuple[Outcome, float]] = field(default_factory=dict)
    names: Mapping[str, Names] = field(default_factory=dict)
    container: bool = True
    gateway: str = GATEWAY
    arp: Mapping[str, bool] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    proxy: str = ""
    called: list[tuple[str, int]] = field(default_factory=list)
    looks_around: bool = True

    def resolve(self, name, until):
        literal = name.replace(".", "").isdigit() or ":" in name
        return Names((name,)) if literal else (LOCALHOST | dict(self.names)).get(name, UNKNOWN)

    def connect(self, ip, port, until):
        self.called.append((ip, port))
        what = self.there.get((ip, port), ("refused", 0.002))
        return Call("open", line=FakeLine(what)) if isinstance(what, FakeServer) else Call(*what)

    def hosts_file(self):
        return {name: found.ips for name, found in self.names.items()}

    def default_gateway(self):
        return self.gateway

    def is_alive(self, ip):
        return self.arp.get(ip)

    def is_own_address(self, ip):
        return ip in self.own

    def in_container(self):
        return self.container

    def may_look_around(self):
        return self.looks_around

    def proxy_for(self, url):
        return self.proxy


def everywhere(outcome, seconds, port=11434):
    return {(ip, port): (outcome, seconds) for ip in (BRIDGE, GATEWAY, LAN)}


ALIVE = {GATEWAY: True}
TO_HOST = f"http://{BRIDGE}:11434"
BY_NAME = {HOST_NAME: Names((BRIDGE,))}
TALKS = FakeServer(OLLAMA)


def troubled(outcome, detail="", tls=None):
    return FakeServer({"*": Trouble(outcome, detail)}, tls or Trouble("closed"))
