"""Every reason why a server is out of reach: its code, what it means, and the one thing to do about it.

The words have blanks: `{url}` what was typed, `{host}`, `{ip}` and `{port}` its parts, `{server}` the kind of server,
`{source}` the addresses that containers or neighbours come from, `{family}` their kind, `{detail}` what the other side
said.
This module knows nothing but words, so that any other tool can use the same ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause and its remedy. `by_kind` has the remedy where the kind of server makes it another one."""

    code: str
    cause: str
    remedy: str
    by_kind: Mapping[str, str] = field(default=NOTHING, repr=False)
    elsewhere: bool = False  # whether another address that answers is the better remedy


COMPOSE = "docker-compose.override.yaml in Dify's docker folder"
HOST_GATEWAY = 'services: {{plugin_daemon: {{extra_hosts: ["{host}:host-gateway"]}}}}'
RECREATE = "docker compose up -d plugin_daemon"

OLLAMA_LISTENS = (
    "on the machine that runs Ollama: `sudo mkdir -p /etc/systemd/system/ollama.service.d && "
    "printf '[Service]\\nEnvironment=\"OLLAMA_HOST=0.0.0.0:{port}\"\\n' | "
    "sudo tee /etc/systemd/system/ollama.service.d/10-listen.conf && "
    "sudo systemctl daemon-reload && sudo systemctl restart ollama`"
)
LISTEN = {
    "ollama": f"Let Ollama listen for other machines, {OLLAMA_LISTENS}",
    "llamacpp": "Start llama.cpp so that it listens for other machines: `llama-server --host 0.0.0.0 --port {port} …`",
    "lmstudio": "In LM Studio open Developer, turn on “Serve on Local Network”, and start the server on port {port}.",
    "openai": "Start the server so that it listens for other machines, for example `vllm serve … --host 0.0.0.0 "
    "--port {port}`",
}
START = {
    "ollama": "Start Ollama: `ollama serve`",
    "llamacpp": "Start llama.cpp: `llama-server --port {port} …`",
    "lmstudio": "Start the server in LM Studio: `lms server start --port {port}`",
}
RESTART = {
    "ollama": "If it does not come up within a minute, restart it: `sudo systemctl restart ollama`",
    "llamacpp": "If it does not come up within a minute, stop llama-server and start it again.",
    "lmstudio": "If it does not come up within a minute, restart it: `lms server stop; lms server start`",
}
FIND_PORT = (
    "Find the server's port with `ss -ltnp` on its machine (Ollama 11434, llama.cpp 8080, LM Studio 1234, vLLM 8000)."
)
USE_IP = "Type the server's IP address instead of the name {host}."

REASONS = (
    Reason("READY", "{detail} answers at {url} now.", "Try again."),
    Reason("LOADING", "{detail} at {url} is still loading its model.", "Wait until it is loaded, then try again."),
    Reason(
        "LOCALHOST_IN_CONTAINER",
        "{host} in {url} means the container that the plugin runs in, not your computer, and nothing listens there.",
        "Use http://host.docker.internal:{port} as the server address.",
        elsewhere=True,
    ),
    Reason(
        "OWN_ADDRESS",
        "{url} leads back to the container that the plugin runs in: {ip} is its own address (Docker inside Docker), "
        "and nothing listens there.",
        "Use the address of the machine that runs the server; `ip -4 route show default` outside the inner Docker "
        "shows it after “via”.",
        elsewhere=True,
    ),
    Reason(
        "NOT_RUNNING",
        "{url} refuses the connection: no server listens on port {port}.",
        "Start the model server on port {port}.",
        START,
        elsewhere=True,
    ),
    Reason(
        "REFUSED",
        "{url} refuses the connection: no server listens on {ip}, port {port}. "
        "One that listens only on its own machine's 127.0.0.1 looks the same from here.",
        "Start the model server so that it listens on 0.0.0.0, port {port}, not only on 127.0.0.1.",
        LISTEN,
        elsewhere=True,
    ),
    Reason(
        "FIREWALL_DROP",
        "{url} gives no reply at all, although the way to {ip} works: a firewall drops the packets.",
        "On the machine that runs the server: `sudo ufw allow from {source} to any port {port} proto tcp`",
        elsewhere=True,
    ),
    Reason(
        "FIREWALL_REJECT",
        "A firewall turns away connections to {url}.",
        "On the machine that runs the server: `sudo firewall-cmd --permanent --add-rich-rule='rule family={family} "
        "source address={source} port port={port} protocol=tcp accept' && sudo firewall-cmd --reload`",
        elsewhere=True,
    ),
    Reason(
        "NO_SUCH_HOST",
        "There is no machine at {ip}, where {url} leads: it is switched off, or the address is another one now.",
        "Switch the machine on, and compare its address with what `hostname -I` says there.",
        elsewhere=True,
    ),
    Reason(
        "NO_REPLY",
        "{url} gives no reply at all: the machine is off, the address is wrong, or a firewall drops the packets.",
        "Compare the address with what `hostname -I` says on the machine that runs the server.",
        elsewhere=True,
    ),
    Reason(
        "NO_ROUTE",
        "There is no way from this container to {ip}, where {url} leads: its network is an internal one.",
        f"Put `services: {{{{plugin_daemon: {{{{networks: [default]}}}}}}}}` into {COMPOSE}, then `{RECREATE}`",
        elsewhere=True,
    ),
    Reason(
        "NOT_CONNECTED",
        "There is no way from here to the network of {ip}, where {url} leads.",
        "Connect to that network or VPN; `ip route get {ip}` says when there is a way.",
        elsewhere=True,
    ),
    Reason(
        "NO_IPV6",
        "{url} leads to the IPv6 address {ip}, and there is no IPv6 here.",
        "Use the server's IPv4 address.",
        elsewhere=True,
    ),
    Reason(
        "DNS_UNKNOWN",
        "No name server knows the name {host} in {url}.",
        USE_IP,
        elsewhere=True,
    ),
    Reason(
        "HOST_NAME_MISSING",
        "The name {host} in {url} is not known in the container that the plugin runs in.",
        f"Put `{HOST_GATEWAY}` into {COMPOSE}, then `{RECREATE}`",
        elsewhere=True,
    ),
    Reason(
        "SERVICE_NAME_UNKNOWN",
        "The name {host} in {url} is not known here: no container of that name is in a Docker network with the plugin.",
        "Connect the container to Dify's network: `docker network connect docker_default {host}`",
        elsewhere=True,
    ),
    Reason(
        "DNS_BROKEN", "The name server here does not work, so {host} in {url} has no address.", USE_IP, elsewhere=True
    ),
    Reason("DNS_SLOW", "The name server here says nothing in time about {host} in {url}.", USE_IP, elsewhere=True),
    Reason(
        "PROXY_IN_THE_WAY",
        "{url} answers when it is asked directly, but not through the proxy {detail}.",
        "Leave the field Proxy empty.",
    ),
    Reason(
        "PROXY_DOWN",
        "The proxy {detail} does not accept connections, and {url} does not answer without it.",
        "Leave the field Proxy empty: a server nearby needs none.",
    ),
    Reason(
        "PROXY_REFUSES",
        "The proxy does not pass the request on to {url}: it says {detail}.",
        "Allow {host}, port {port}, in the proxy.",
    ),
    Reason(
        "PROXY_UNSUPPORTED",
        "The proxy {detail} is not an HTTP proxy, and no other kind can be used.",
        "Enter a proxy that starts with http:// or https://.",
    ),
    Reason(
        "FORWARDER_UPSTREAM_DOWN",
        "{url} accepts the connection but closes it without an answer: a forwarder or a published container port is "
        "there, the server behind it is not.",
        "Start the model server behind the forwarder or in the container.",
        START,
        elsewhere=True,
    ),
    Reason(
        "GATEWAY_UPSTREAM_DOWN",
        "{url} is a reverse proxy or gateway that does not reach the server behind it ({detail}).",
        "Start the model server behind the gateway.",
        START,
        elsewhere=True,
    ),
    Reason(
        "CONNECTION_RESET",
        "{url} accepts the connection and breaks it off: the server crashed, or does not want connections from here.",
        "Read what the server wrote last, in its log or in its window.",
        {"ollama": "Read what Ollama wrote last: `journalctl -u ollama -n 50`"},
        elsewhere=True,
    ),
    Reason(
        "HANGS",
        "{url} accepts the connection but says nothing: the server is still starting, or it hangs.",
        "If it does not come up within a minute, restart the server.",
        RESTART,
        elsewhere=True,
    ),
    Reason(
        "NOT_HTTP", "Something else than an HTTP server is at {url}; it says “{detail}”.", FIND_PORT, elsewhere=True
    ),
    Reason("WRONG_SERVICE", "{url} answers ({detail}), but it is no model server we know.", FIND_PORT, elsewhere=True),
    Reason("WRONG_KIND", "{url} is {detail}, not {server}.", "Choose “Detect” as the kind of server."),
    Reason("AUTH", "{url} answers, but wants an API key ({detail}).", "Enter the server's API key."),
    Reason("MOVED", "{url} sends us on to {detail}.", "Use {detail} as the server address."),
    Reason(
        "OLLAMA_HOST_CHECK",
        "Ollama at {url} does not answer to the name {host}: while it listens only on 127.0.0.1, it wants an IP "
        "address or a name that ends with .internal or .local.",
        "Use http://{ip}:{port} as the server address.",
    ),
    Reason(
        "TLS_MISMATCH",
        "{url} has the wrong scheme: the server speaks the other of HTTP and HTTPS.",
        "Use {detail} as the server address.",
    ),
    Reason(
        "TLS_UNTRUSTED",
        "The certificate of {url} is not from an authority that is trusted here ({detail}).",
        "Put the certificate into the field Own CA certificate; it is what this prints: "
        "`openssl s_client -connect {host}:{port} -showcerts </dev/null | openssl x509`",
    ),
    Reason(
        "TLS_WRONG_NAME",
        "The certificate of {url} is for another name ({detail}).",
        "Use a name that the certificate is for; this prints them: `openssl s_client -connect {host}:{port} "
        "</dev/null | openssl x509 -noout -ext subjectAltName`",
    ),
    Reason(
        "TLS_EXPIRED",
        "The certificate of {url} is not valid today ({detail}).",
        "Renew the server's certificate.",
    ),
    Reason(
        "TLS_FAILED",
        "No encrypted connection to {url} comes about ({detail}).",
        "Let the server speak TLS 1.2 or newer.",
    ),
    Reason(
        "UNREACHABLE",
        "{url} cannot be reached from here.",
        "Ask for it on this machine: `curl -v {url}`",
        elsewhere=True,
    ),
)
BY_CODE = {reason.code: reason for reason in REASONS}
KIND_OF_PORT = {"11434": "ollama", "8080": "llamacpp", "9931": "llamacpp", "1234": "lmstudio", "8000": "openai"}


def words(code: str, kind: str, blanks: Mapping[str, str]) -> tuple[str, str]:
    """Cause and remedy with the blanks filled in; the port stands for the kind when that is not known."""
    reason = BY_CODE[code]
    likely = KIND_OF_PORT.get(blanks["port"], "") if kind == "auto" else kind
    remedy = reason.by_kind.get(likely, reason.remedy)
    return reason.cause.format_map(blanks), remedy.format_map(blanks)
