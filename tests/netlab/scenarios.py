"""What can be between a container and the model server on its host, and what the three programs have to say to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.netlab.lab import SILENT

NAME = "host.docker.internal"
DOCKER0 = {NAME: "172.17.0.1"}  # what `host-gateway` writes, on every network of a rootful engine
LISTEN = "OLLAMA_HOST=0.0.0.0"
REJECTS = {
    "port-unreachable": "REFUSED",  # cannot be told from a port where nothing listens
    "tcp reset": "REFUSED",
    "host-prohibited": "FIREWALL_REJECT",
    "admin-prohibited": "FIREWALL_REJECT",
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """`serves` is what listens on the host, `rule` is its firewall's; `typed` is the host that the user types, if any."""

    name: str
    container: str
    port: int
    serves: str = ""  # ACT:ADDRESS
    rule: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    dns: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    typed: str = NAME
    found: str = ""  # the host that host-address prints; empty when there is none
    code: str = "READY"  # host-address's, when there is none, and the doctor's
    fix: str = ""  # is in the doctor's
    ready: str = "NO_SERVER"  # the quick check's code; READY

    def __str__(self) -> str:
        return self.name


def reject(kind: str) -> str:
    return f"reject with {'tcp reset' if kind == 'tcp reset' else f'icmp {kind}'}"


SCENARIOS = [
    Scenario("default bridge", "plain", 11434, "ollama:0.0.0.0", hosts=DOCKER0, typed="", found=NAME, ready="READY"),
    Scenario("compose bridge", "usual", 11434, hosts=DOCKER0, typed="", found=NAME, ready="READY"),
    Scenario("compose bridge, without the name", "usual", 11434, typed="", found="172.17.0.1", ready="READY"),
    Scenario("listens on docker0", "compose", 21001, "ollama:172.17.0.1", hosts=DOCKER0, found=NAME, ready="READY"),
    Scenario(
        "listens on docker0, and the gateway is typed", "compose", 21001, hosts=DOCKER0, typed="172.18.0.1",
        found=NAME, code="REFUSED", fix=f"Use http://{NAME}:21001",
    ),
    Scenario("listens on loopback", "compose", 21002, "ollama:127.0.0.1", hosts=DOCKER0, code="REFUSED", fix=LISTEN),
    Scenario(
        "firewall that drops", "compose", 21003, "ollama:0.0.0.0", "drop", DOCKER0,
        code="FIREWALL_DROP", fix="sudo ufw allow from 172.16.0.0/12 to any port 21003 proto tcp",
    ),
    *(
        Scenario(
            f"firewall that rejects, {kind}", "compose", 21004 + at, "ollama:0.0.0.0", reject(kind), DOCKER0,
            code=code, fix=LISTEN if code == "REFUSED" else "source address=172.16.0.0/12 port port=",
        )
        for at, (kind, code) in enumerate(REJECTS.items())
    ),
    Scenario("dead host", "compose", 21008, typed="172.18.0.99", code="NO_SUCH_HOST", fix="hostname -I"),
    Scenario(
        "silent name server", "quiet", 21009, "ollama:0.0.0.0", dns=SILENT, found="172.17.0.1",
        code="DNS_SLOW", fix="Use http://172.17.0.1:21009",
    ),
    Scenario("silent name server, and nothing answers", "compose", 21002, dns=SILENT, code="DNS_SLOW", fix="the server's IP address"),
    Scenario("name that nobody knows", "compose", 21002, code="HOST_NAME_MISSING", fix='extra_hosts: ["host.docker.internal:host-gateway"]'),
    Scenario("silent name server, nothing typed", "quiet", 11434, dns=SILENT, typed="", found="172.17.0.1", ready="READY"),
    Scenario(
        "dead proxy", "compose", 21009, hosts=DOCKER0, env={"HTTP_PROXY": "http://172.18.0.1:9"}, found=NAME, ready="READY",
    ),
    Scenario(
        "forwarder whose server is down", "compose", 21010, "forwarder:172.17.0.1", hosts=DOCKER0,
        code="FORWARDER_UPSTREAM_DOWN", fix="ollama serve",
    ),
    Scenario(
        "server that hangs", "compose", 21011, "hang:0.0.0.0", hosts=DOCKER0,
        code="HANGS", fix="systemctl restart ollama", ready="NO_SERVER",
    ),
    Scenario("nothing gets through", "walled", 11434, typed="", code="FIREWALL_DROP", fix="sudo ufw allow"),
    Scenario("internal network", "internal", 21009, hosts=DOCKER0, code="NO_ROUTE", fix="networks: [default]"),
    Scenario("internal network, its gateway typed", "internal", 21009, typed="172.19.0.1", found="172.19.0.1", ready="READY"),
    Scenario("in the outer Docker's container", "dind", 21009, hosts=DOCKER0, found=NAME, ready="READY"),
    Scenario(
        "inside Docker in Docker", "inner", 21009, hosts={NAME: "172.20.0.1"}, found="172.17.0.1",
        code="REFUSED", fix="Use http://172.17.0.1:21009",
    ),
    Scenario(
        "in an outer container with the host's address", "twin", 21009, typed="172.17.0.1", found="172.18.0.1",
        code="OWN_ADDRESS", fix="Use http://172.18.0.1:21009",
    ),
    Scenario("inside Docker with the host's address", "twin-inner", 21009, hosts=DOCKER0, code="REFUSED", fix=LISTEN),
]  # fmt: skip
