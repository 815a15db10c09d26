"""Why a model server cannot be reached from here, and the one thing to do about it: docs/doctor.md.

On the host, or in a dev container:  python3 scripts/doctor.py [--url http://HOST:PORT]
Where Dify calls models from:        docker exec -i docker-plugin_daemon-1 python3 - < scripts/doctor.py
Exit codes: 0 ready, 1 problem found, 2 usage, 3 could not run, 4 --wait is over and it is still not ready.

Made of the parts in scripts/doctoring by `python -m scripts.doctoring`: change those.
"""

from __future__ import annotations

import argparse
import errno
import http.client
import json
import os
import platform
import re
import socket
import ssl
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

# Every code: the check it belongs to, its cause, and its fix. Where the plugin has the same, so has this.

# check CODE: cause => fix. Deeper lines go on. A name in capitals is a row at the end, NAME/KIND is for that kind only.
TABLE = r"""
dns DNS_UNKNOWN: no name server knows {host} => USE_IP
dns DNS_BROKEN: the name server here does not work => USE_IP
dns DNS_SLOW: the name server here says nothing in time => USE_IP
dns HOST_NAME_MISSING: the container does not know the name {host} => Put `services: {{plugin_daemon: {{extra_hosts:
  ["{host}:host-gateway"]}}}}` into OVERRIDE
dns SERVICE_NAME_UNKNOWN: no container {host} shares a network with this one => Connect the container to Dify's network:
  `docker network connect docker_default {host}`
connection LOCALHOST_IN_CONTAINER: {host} is this container, not your computer, and nothing listens there => Use
  http://host.docker.internal:{port} as the server address.
connection OWN_ADDRESS: {ip} is this container itself (Docker inside Docker) => Use the address of the machine that runs
  the server; `ip -4 route show default` outside the inner Docker shows it after “via”.
connection NOT_RUNNING: {url} refuses: no server listens on port {port} => START
connection REFUSED: {url} refuses: no server listens on {ip}, or only on its own machine's 127.0.0.1 => LISTEN
connection FIREWALL_DROP: {url} is silent, but the way to {ip} works: a firewall drops the packets => On the machine
  that runs the server: `sudo ufw allow from {source} to any port {port} proto tcp`
connection FIREWALL_REJECT: a firewall turns away connections to {url} => On the machine that runs the server: `sudo
  firewall-cmd --permanent --add-rich-rule='rule family={family} source address={source} port port={port} protocol=tcp
  accept' && sudo firewall-cmd --reload`
connection NO_SUCH_HOST: there is no machine at {ip} => Switch the machine on, and compare its address with what
  `hostname -I` says there.
connection NO_REPLY: {url} is silent: the machine is off, the address is wrong, or a firewall drops the packets =>
  Compare the address with what `hostname -I` says on the machine that runs the server.
connection NO_ROUTE: this container's network is internal, no way leads to {ip} => Put `services: {{plugin_daemon:
  {{networks: [default]}}}}` into OVERRIDE
connection NOT_CONNECTED: no way leads to {ip} => Connect to that network or VPN; `ip route get {ip}` says when there is
  a way.
connection NO_IPV6: {ip} is an IPv6 address, and there is no IPv6 here => Use the server's IPv4 address.
connection UNREACHABLE: {url} cannot be reached => Ask for it on this machine: `curl -v {url}`
listener FORWARDER_UPSTREAM_DOWN: {url} connects and closes: a forwarder or published port without its server => START
listener GATEWAY_UPSTREAM_DOWN: {url} is a gateway without its server ({detail}) => START
listener CONNECTION_RESET: {url} takes the connection and breaks it off => LOG
listener HANGS: {url} takes the connection but says nothing => RESTART
listener NOT_HTTP: no HTTP server is at {url}; it says “{detail}” => FIND_PORT
listener WRONG_SERVICE: {url} answers ({detail}), but it is no model server we know => FIND_PORT
tls TLS_MISMATCH: {url} has the wrong one of HTTP and HTTPS => Use {detail} as the server address.
tls TLS_UNTRUSTED: nobody trusted here vouches for the certificate ({detail}) => Put the certificate into the field Own
  CA certificate; it is what this prints: `openssl s_client -connect {host}:{port} -showcerts </dev/null | openssl x509`
tls TLS_WRONG_NAME: the certificate is for another name ({detail}) => Use a name that the certificate is for; this
  prints them: `openssl s_client -connect {host}:{port} </dev/null | openssl x509 -noout -ext subjectAltName`
tls TLS_EXPIRED: the certificate is not valid today ({detail}) => Renew the server's certificate.
tls TLS_FAILED: no encrypted connection comes about ({detail}) => Let the server speak TLS 1.2 or newer.
host-header OLLAMA_HOST_CHECK: Ollama on 127.0.0.1 does not answer to the name {host} => Use http://{ip}:{port} as the
  server address.
server WRONG_KIND: {url} is {detail}, not what was asked for => Choose “Detect” as the kind of server.
server AUTH: {url} wants an API key ({detail}) => `export LOCAL_MODELS_API_KEY=…` here, and enter it in Dify's form.
server MOVED: {url} sends us on to {detail} => Use {detail} as the server address.
server LOADING: {detail} is still loading its model => Wait until it is loaded, then try again.
place WRONG_CONTAINER: this is Dify's {detail}; it is plugin_daemon that calls the models => In there: `docker exec -i
  docker-plugin_daemon-1 python3 - < scripts/doctor.py`
bind BOUND_TO_LOOPBACK: port {port} is open on {detail} only: on Linux, containers are refused => Let containers in, and
  nobody else, from the kit's folder: `python -m scripts host forwarder --port {port} --write`
proxy PROXY_IN_THE_WAY: clients that obey the environment ask the proxy {detail} for {host} => BYPASS
proxy PROXY_BYPASS_CIDR_ONLY: httpx and urllib ask the proxy {detail}: to them NO_PROXY is names, not networks => BYPASS
models NO_MODELS: {url} has no models => MODEL
models MODEL_MISSING: no model is called {detail} => CHOOSE
token MODEL_FAILED: no token came: {detail} => LOG
dify-api DIFY_SILENT: Dify's API does not answer: {detail} => In Dify's docker folder: `docker compose up -d`
dify-api DIFY_NOT_SET_UP: Dify has no account yet => Open {detail}/install
- USE_IP: Type the server's IP address instead of the name {host}.
- OVERRIDE: docker-compose.override.yaml in Dify's docker folder, then `docker compose up -d plugin_daemon`
- FIND_PORT: Find its port: `ss -ltnp` on its machine (Ollama 11434, llama.cpp 8080, LM Studio 1234, vLLM 8000).
- BYPASS: `export NO_PROXY=localhost,127.0.0.1,host.docker.internal,{host}; export no_proxy=$NO_PROXY`
- START: Start the model server on port {port}.
- START/ollama: Start Ollama: `ollama serve`
- START/llamacpp: Start llama.cpp: `llama-server --port {port} …`
- START/lmstudio: Start the server in LM Studio: `lms server start --port {port}`
- LISTEN: Start the model server so that it listens on 0.0.0.0, port {port}, not only on 127.0.0.1.
- LISTEN/ollama: Let Ollama listen for other machines, on the machine that runs Ollama: `sudo mkdir -p
  /etc/systemd/system/ollama.service.d && printf '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:{port}"\n' | sudo tee
  /etc/systemd/system/ollama.service.d/10-listen.conf && sudo systemctl daemon-reload && sudo systemctl restart ollama`
- LISTEN/llamacpp: Start llama.cpp so that it listens for other machines: `llama-server --host 0.0.0.0 --port {port} …`
- LISTEN/lmstudio: In LM Studio open Developer, turn on “Serve on Local Network”, and start the server on port {port}.
- LISTEN/openai: Start the server so that it listens for others, such as `vllm serve … --host 0.0.0.0 --port {port}`
- RESTART: If it does not come up within a minute, restart the server.
- RESTART/ollama: If it does not come up within a minute, restart it: `sudo systemctl restart ollama`
- RESTART/lmstudio: If it does not come up within a minute, restart it: `lms server stop; lms server start`
- MODEL: Load one into the server.
- MODEL/ollama: Get one: `ollama pull qwen3:4b`
- MODEL/lmstudio: Get one: `lms get qwen3-4b`
- CHOOSE: Choose one that is there.
- CHOOSE/ollama: Choose one that is there, or get it: `ollama pull {detail}`
- LOG: Read what the server wrote last, in its log or in its window.
- LOG/ollama: Read what Ollama wrote last: `journalctl -u ollama -n 50`
"""
ROWS = {
    code: (check, *" ".join(text.split()).split(" => "))
    for check, code, text in re.findall(r"(?m)^(\S+) (\S+): (.+(?:\n  .+)*)", TABLE)
}
KIND_OF_PORT = {11434: "ollama", 8080: "llamacpp", 1234: "lmstudio", 9931: "llamacpp", 8000: "openai"}


def words(code: str, kind: str, blanks: Mapping[str, object]) -> tuple[str, str]:
    """Cause and fix with the blanks filled in; the port stands for the kind when that is not known."""
    likely = KIND_OF_PORT.get(int(str(blanks["port"])), "") if kind == "auto" else kind

    def row(name: re.Match[str]) -> str:
        found = ROWS.get(f"{name[0]}/{likely}") or ROWS.get(name[0])
        return found[1] if found else name[0]

    _, cause, fix = ROWS[code]
    return cause.format_map(blanks), re.sub(r"\b[A-Z_]{3,}\b", row, fix).format_map(blanks)


# What came of one question to one address, and what addresses look like.

LOOPBACK = "127.0.0.1"
FIRST_QUESTION = "/api/version"
HTTP_PORTS = {"http": 80, "https": 443, "": 11434}
LISTENS_EVERYWHERE = {"": LOOPBACK, "0": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - no place to go to
MOVED = (301, 302, 307, 308)


class Usage(Exception):
    """What was asked for cannot be meant."""


@dataclass
class Page:
    """`outcome` is `open`, or how the way there ended: a word, or a code that says it all."""

    url: str
    ip: str
    outcome: str = "open"
    seconds: float = 0.0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    said: str = ""
    name: str = ""  # of the server, when it is one we know

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or HTTP_PORTS[parts.scheme]

    @property
    def moved_to(self) -> str:
        """Where all routes have gone; a redirection to elsewhere is a login page or the like."""
        place = self.headers.get("location", "").split("?")[0]
        is_whole = self.status in MOVED and re.match(rf"https?://[^@]*{FIRST_QUESTION}$", place)
        return place[: -len(FIRST_QUESTION)] if is_whole else ""

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object that came; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def value(self, key: str) -> Any:
        """`None` when it is not there."""
        return self.fields.get(key)

    def rows(self, key: str) -> list[dict[str, Any]]:
        """The objects of a list in it, whatever else may be among them."""
        found = self.value(key)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def root(host: str, port: int, scheme: str = "http") -> str:
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def swapped(url: str) -> str:
    """The same address with the other of HTTP and HTTPS."""
    return "http" + url[5:] if url.startswith("https") else "https" + url[4:]


def is_ip(host: str, quality: str = "") -> bool:
    """Whether it is an address and no name; with a quality, whether it is a loopback, global … one."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return bool(getattr(address, f"is_{quality}")) if quality else True


def read_address(typed: str) -> tuple[str, bool]:
    """The root URL, and whether it is exact: without scheme and port it leaves room for guesses."""
    scheme, _, rest = typed.strip(" \t\"'").rpartition("://")
    if rest.isdecimal():
        rest = f":{rest}"  # only a port
    elif rest.count(":") > 1 and "[" not in rest:
        rest = f"[{rest}]"
    try:
        parts, port = urlsplit(f"//{rest}"), urlsplit(f"//{rest}").port
    except ValueError:
        parts, port = urlsplit(""), None
    if scheme not in HTTP_PORTS or not parts.netloc or re.search(r"[\s\\?#@]", rest):
        raise Usage("an address looks like http://HOST:11434, without user, password or ?; a key has its own variable")
    host = LISTENS_EVERYWHERE.get(parts.hostname or "", parts.hostname or "")
    path = re.sub(r"(/v1|/api(/v[01])?)(/.*)?$", "", parts.path.rstrip("/"))
    return root(host, port or HTTP_PORTS[scheme], scheme or "http") + path, bool(scheme or port)


# All that touches this machine and its network; tests pass another one.

CONNECT = 3.5  # seconds; that a neighbour is absent is known after 3.1
LARGEST = 1 << 22  # bytes of an answer
NUMBERS = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed out",
    errno.ECONNRESET: "CONNECTION_RESET",
    **dict.fromkeys((errno.EHOSTUNREACH, errno.EHOSTDOWN), "host unreachable"),
    # ::1 is not available where IPv6 is switched off
    **dict.fromkeys((errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT), "net unreachable"),
}
UNKNOWN_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5), getattr(socket, "EAI_ADDRFAMILY", -9))
VERDICTS = {9: "TLS_EXPIRED", 10: "TLS_EXPIRED", 62: "TLS_WRONG_NAME", 64: "TLS_WRONG_NAME"}  # OpenSSL's numbers
NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "UNKNOWN_PROTOCOL")
CLOSED = (http.client.RemoteDisconnected, BrokenPipeError, ssl.SSLEOFError)
ZLIB_OR_GZIP = 47  # zlib's number for either
LISTENS = "0A"  # the state of a socket in /proc/net/tcp
ENGINES = {".dockerenv": "Docker container", "run/.containerenv": "Podman container"}


class Machine:
    """`place` is where /proc and /run are. The key goes to the address `named` and to no other."""

    def __init__(self, place: str = "/", env: Mapping[str, str] = os.environ) -> None:
        self.place, self.env, self.named = place, env, ""
        self.context = ssl.create_default_context()

    def ask(self, url: str, ip: str, path: str, body: Any = None, seconds: float = 2.0) -> Page:
        """One connection, one question."""
        page, began = Page(url, ip), monotonic()
        try:
            with socket.create_connection((ip, page.port), CONNECT) as sock:
                sock.settimeout(seconds)
                self._converse(page, sock, path, body)
        except OSError as error:
            page.outcome = "timed out" if _is_timeout(error) else NUMBERS.get(error.errno or 0, "UNREACHABLE")
        page.seconds = monotonic() - began
        return page

    def _converse(self, page: Page, sock: socket.socket, path: str, body: Any) -> None:
        key = self.key() if page.url == self.named else ""
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        line, handshake = http.client.HTTPConnection(page.host, page.port), page.url.startswith("https:")
        try:
            line.sock = self.context.wrap_socket(sock, server_hostname=page.host) if handshake else sock
            handshake = False
            line.request("POST" if body else "GET", urlsplit(page.url).path + path, body and json.dumps(body), headers)
            answer = line.getresponse()
            page.headers = {name.lower(): text for name, text in answer.getheaders()}
            page.body, page.status = _plain(answer.read(LARGEST), page.headers), answer.status
        except (OSError, ValueError, http.client.HTTPException) as error:
            page.outcome, page.said = _failure(error, handshake)

    def resolve(self, name: str) -> tuple[list[str], str]:
        """The addresses of a name, IPv4 first, or why there are none."""
        try:
            ips = {str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError) as error:
            return [], "unknown name" if getattr(error, "errno", UNKNOWN_NAME[0]) in UNKNOWN_NAME else "DNS_BROKEN"
        return sorted(ips, key=lambda ip: ":" in ip), "open"

    def rows(self, path: str) -> list[list[str]]:
        """The words of each line of a file; none when it cannot be read."""
        try:
            lines = Path(self.place, path).read_text(errors="replace").splitlines()
        except OSError:
            return []
        return [line.split() for line in lines if line.strip()]

    def gateway(self) -> str:
        rows = (row for row in self.rows("proc/net/route")[1:] if row[1] == "00000000" and int(row[3], 16) & 2)
        return next((socket.inet_ntoa(bytes.fromhex(row[2])[::-1]) for row in rows), "")

    def is_alive(self, ip: str) -> bool | None:
        """Whether a direct neighbour has said its hardware address; `None` when it was never asked."""
        rows = (row for row in self.rows("proc/net/arp") if row[0] == ip)
        return next((row[2] != "0x0" and row[3] != "00:00:00:00:00:00" for row in rows), None)

    def is_own(self, ip: str) -> bool:
        """Only an own address can be bound to."""
        try:
            socket.create_server((ip, 0), family=socket.AF_INET6 if ":" in ip else socket.AF_INET).close()
        except OSError:
            return False
        return True

    def container(self) -> str:
        """What kind of container this is; empty outside of any."""
        found = next((name for mark, name in ENGINES.items() if Path(self.place, mark).exists()), "")
        return "Kubernetes pod" if "KUBERNETES_SERVICE_HOST" in self.env else found

    def key(self) -> str:
        """Raises `Usage` for one that no header can carry, without showing it."""
        key = self.env.get("LOCAL_MODELS_API_KEY", "").strip()
        if not (key.isascii() and key.isprintable()):
            raise Usage("LOCAL_MODELS_API_KEY has characters that no key has; copy it anew")
        return key

    def may_look_around(self) -> bool:
        """LOCAL_MODELS_LOOK_AROUND=no confines the look to the addresses that were given."""
        return self.env.get("LOCAL_MODELS_LOOK_AROUND", "yes").lower() not in ("no", "0", "false", "off")

    def listeners(self, port: int) -> list[str]:
        """On which own addresses the port is open; the kernel writes each word of an address backwards."""
        rows = [
            row[1].split(":") for name in ("tcp", "tcp6") for row in self.rows(f"proc/net/{name}") if row[3] == "0A"
        ]
        ips = [re.sub("(..)(..)(..)(..)", r"\4\3\2\1", ip) for ip, each in rows if int(each, 16) == port]
        return sorted({str(ip_address(bytes.fromhex(ip))) for ip in ips})


def _plain(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Some proxies compress although nobody asked them to."""
    try:
        return zlib.decompress(body, ZLIB_OR_GZIP) if headers.get("content-encoding") in ("gzip", "deflate") else body
    except zlib.error:
        return body


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, (TimeoutError, socket.timeout))  # two things before Python 3.10


def _failure(error: Any, handshake: bool) -> tuple[str, str]:
    """The code of a conversation that failed, and what was said."""
    said = str(getattr(error, "reason", "") or error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return VERDICTS.get(error.verify_code, "TLS_UNTRUSTED"), error.verify_message
    if _is_timeout(error):
        return "HANGS", ""
    if isinstance(error, CLOSED) or (handshake and isinstance(error, ConnectionError)):
        return "FORWARDER_UPSTREAM_DOWN", ""
    if handshake or said.startswith("\x15\x03"):
        return "TLS_MISMATCH" if said in NOT_TLS or not handshake else "TLS_FAILED", said
    if isinstance(error, OSError):
        return "CONNECTION_RESET", ""
    return "NOT_HTTP", "".join(each if each.isprintable() else "·" for each in said[:40].strip())


# Every address that may have been meant, knocked at all at once: who is there?

HOST_NAMES = ("host.docker.internal", "host.containers.internal")
BRIDGE = "172.17.0.1"  # the host itself, from every network of a Docker Engine on Linux
SOME_OPENAI = "an OpenAI-compatible server"
OWNERS = {
    "vllm": "vLLM",
    "sglang": "SGLang",
    "llamacpp": "llama.cpp",
    "organization_owner": "LM Studio",
    "docker": "Docker Model Runner",
    "koboldcpp": "KoboldCpp",
    "lemonade": "Lemonade",
    "llamafile": "llamafile",
}
NO_PAGE, ITS_OWNER = b"404 page not found", b'"owned_by":"library"'  # of Ollama; others play its first route
OK, LOCKED, HTTPS_PORT = 200, (401, 403), 443
LOOK_UP, KNOCK = 2.0, 8.0  # seconds; a silent name server costs this once


def look(machine: Machine, url: str, kind: str) -> tuple[Page, list[Page]]:
    """What happened at the address, and at the few others that may have been meant."""
    host = Page(url, "").host
    names = [host, *(HOST_NAMES if machine.container() and machine.may_look_around() else ())]
    found = look_up(machine, names)
    known = {name: ips for name, (ips, _) in found.items()}
    typed = [(url, ip) for ip in known[host][:3]]
    doors = typed + others(machine, url, kind, known)
    pages = together([lambda door=door: knock(machine, *door) for door in doors], KNOCK, None)
    # Connecting has a limit of its own, so it has connected.
    pages = [page or Page(*doors[at], "HANGS", KNOCK) for at, page in enumerate(pages)]
    mine = pages[: len(typed)] or [Page(url, "", found[host][1])]
    return next((page for page in mine if page.status or page.outcome in ROWS), mine[0]), pages[len(typed) :]


def look_up(machine: Machine, names: Sequence[str]) -> dict[str, tuple[list[str], str]]:
    """The addresses of each name, or why there are none; one that is slow counts as unknown."""
    found = together([lambda name=name: machine.resolve(name) for name in names], LOOK_UP, ([], "DNS_SLOW"))
    return {name: found[at] for at, name in enumerate(names)}


def together(calls: Sequence[Callable[[], Any]], seconds: float, otherwise: Any) -> list[Any]:
    """All at once. Daemon threads: a name server that hangs must not hold up the end."""
    answers, until = [otherwise] * len(calls), monotonic() + seconds

    def run(at: int) -> None:
        answers[at] = calls[at]()

    threads = [Thread(target=run, args=(at,), daemon=True) for at in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, until - monotonic()))
    return list(answers)


def others(machine: Machine, url: str, kind: str, known: dict[str, list[str]]) -> list[tuple[str, str]]:
    """The most lasting address first, with the typed port and the usual ones; none for a server on the internet."""
    here = Page(url, "")
    mine = known[here.host]
    if not machine.may_look_around() or any(is_ip(ip, "global") for ip in mine):
        return []
    hosts = sorted(
        [(name, known[name][0]) for name in (*HOST_NAMES, here.host) if known.get(name)],
        key=lambda pair: pair[1] not in mine,
    )
    hosts += [(ip, ip) for ip in (BRIDGE, machine.gateway()) if ip and not machine.is_own(ip)]
    hosts += [] if any(is_ip(ip, "loopback") for ip in mine) else [(LOOPBACK, LOOPBACK)]
    ports = [here.port, *(port for port, its in KIND_OF_PORT.items() if kind in ("auto", its))]
    taken = {(here.port, ip) for ip in mine}
    doors: dict[tuple[int, str], str] = {}
    for name, ip in hosts:
        for port in ports:
            doors.setdefault((port, ip), root(name, port))
    return [(door, ip) for (port, ip), door in doors.items() if port != HTTPS_PORT and (port, ip) not in taken]


def knock(machine: Machine, url: str, ip: str) -> Page:
    """Who is there; if what comes makes no sense, whether they speak the other of HTTP and HTTPS."""
    page = machine.ask(url, ip, FIRST_QUESTION)
    if page.status:
        page.name = name_of(machine, page)
    elif ROWS.get(page.outcome, "-")[0] == "listener" or page.outcome == "TLS_MISMATCH":
        other = machine.ask(swapped(url), ip, FIRST_QUESTION)
        if other.status or other.outcome in ("TLS_UNTRUSTED", *VERDICTS.values()):
            page.outcome = "TLS_MISMATCH"
    return page


def name_of(machine: Machine, page: Page) -> str:
    """Who answered, by as few more questions as it takes; empty for no model server we know."""
    server, version = page.headers.get("server", "").lower(), page.value("version")
    if "llama.cpp" in server or "kobold" in server:
        return "llama.cpp" if "llama.cpp" in server else "KoboldCpp"
    listed = machine.ask(page.url, page.ip, "/v1/models")
    if page.status == OK and isinstance(version, str) and _is_ollama(machine, page, listed):
        return f"Ollama {version}"
    if b"Unexpected endpoint or method" in page.body:  # what LM Studio says, with status 200
        return "LM Studio"
    if isinstance(machine.ask(page.url, page.ip, "/api/v1/models").value("models"), list):
        return "LM Studio"
    if listed.status in LOCKED:
        page.status, page.body = listed.status, listed.body  # vLLM locks only this
    if "data" not in listed.fields or not isinstance(listed.value("data") or [], list):
        return ""
    return OWNERS.get(str(next((row.get("owned_by") for row in listed.rows("data")), "")), SOME_OPENAI)


def _is_ollama(machine: Machine, page: Page, listed: Page) -> bool:
    """By how it refuses a route that it has not, or, behind a proxy, by whose its models are."""
    if set(page.fields) != {"version"}:  # llama-swap has more in it
        return False
    return ITS_OWNER in listed.body or machine.ask(page.url, page.ip, "/api/extra").body == NO_PAGE


# From what happened at an address to the code of its cause; the rules are those of the plugin.

LABELS = {"ollama": "Ollama", "llamacpp": "llama.cpp", "lmstudio": "LM Studio"}
BLOCKS = "172.16.0.0/12 192.168.0.0/16 10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 fc00::/7 fe80::/10".split()
FORWARDED = r"192\.168\.(65\.|5\.2$)"  # Docker Desktop and Lima forward these to the host's 127.0.0.1
FORBIDDEN, LOADING, BEHIND_IS_DOWN = 403, 503, (502, 503, 504)
NEIGHBOUR_GIVEN_UP = 2.5  # after 3.05 s; a firewall says no at once, or to the second packet, after 1.03 s


def cause(machine: Machine, page: Page, kind: str) -> str:
    if page.status:
        return of_answer(page, kind)
    if page.outcome in ROWS:
        return page.outcome
    return of_name(machine, page.host) if page.outcome == "unknown name" else of_silence(machine, page)


def of_answer(page: Page, kind: str) -> str:
    trusted = is_ip(page.host) or page.host.endswith(("localhost", ".local", ".internal"))
    return first(
        (re.search(rb"http request (was sent )?to (an )?https", page.body[:500].lower()), "TLS_MISMATCH"),
        (page.moved_to, "MOVED"),
        (page.status == FORBIDDEN and not page.body and not trusted, "OLLAMA_HOST_CHECK"),
        (page.status in LOCKED, "AUTH"),
        (page.name and not fits(kind, page.name), "WRONG_KIND"),
        (page.name, "LOADING" if page.status == LOADING else "READY"),
        (True, "GATEWAY_UPSTREAM_DOWN" if page.status in BEHIND_IS_DOWN else "WRONG_SERVICE"),
    )


def of_name(machine: Machine, host: str) -> str:
    inside = machine.container()
    return first(
        (inside and host in HOST_NAMES, "HOST_NAME_MISSING"),
        (inside and "." not in host, "SERVICE_NAME_UNKNOWN"),
        (True, "DNS_UNKNOWN"),
    )


def of_silence(machine: Machine, page: Page) -> str:
    """A machine that has said its hardware address is up, so silence is a firewall's."""
    ip, inside, gateway, loops = page.ip, machine.container(), machine.gateway(), is_ip(page.ip, "loopback")
    alive, refused, no_way = machine.is_alive(ip), page.outcome == "refused", page.outcome == "net unreachable"
    works = alive or (not is_ip(ip, "global") and gateway and machine.is_alive(gateway))
    return first(
        (loops and inside, "LOCALHOST_IN_CONTAINER"),
        (inside and machine.is_own(ip), "OWN_ADDRESS"),
        (refused, "NOT_RUNNING" if loops or re.match(FORWARDED, ip) else "REFUSED"),
        (no_way and ":" in ip, "NO_IPV6"),
        (no_way, "NO_ROUTE" if inside and not gateway else "NOT_CONNECTED"),
        (loops, "HANGS"),  # its queue of connections is full
        (alive is False, "NO_SUCH_HOST"),
        (page.outcome == "host unreachable" and page.seconds > NEIGHBOUR_GIVEN_UP, "NO_SUCH_HOST"),
        (page.outcome == "host unreachable", "FIREWALL_REJECT"),
        (True, "FIREWALL_DROP" if works else "NO_REPLY"),
    )


def first(*rules: tuple[Any, str]) -> str:
    """What the first rule that holds says."""
    return next(said for holds, said in rules if holds)


def fits(kind: str, name: str) -> bool:
    """Whether the server called `name` is what the chosen kind means."""
    return bool(name) and name.startswith(LABELS.get(kind, name))


def blanks(page: Page, code: str, said: str = "") -> dict[str, object]:
    """What goes into the blanks of a code's words."""
    there = {"TLS_MISMATCH": swapped(page.url), "MOVED": page.moved_to}.get(code)
    source = next(
        (block for block in BLOCKS if is_ip(page.ip) and ip_address(page.ip) in ip_network(block)), "0.0.0.0/0"
    )
    return {
        "url": page.url,
        "host": page.host,
        "ip": page.ip,
        "port": page.port,
        "source": source,
        "family": "ipv6" if ":" in page.ip else "ipv4",
        "detail": said or there or page.name or page.said or f"HTTP {page.status}",
    }


# What is under examination, and what was found about it.

ELSEWHERE = ("dns", "connection", "listener")  # where another address that answers is the better fix


class Patient:
    """`page` is what happened at the address, `pages` at the others; `code` is why, or READY.

    What is open may be nothing, the port, or everything: then another address that answers is what was meant.
    """

    def __init__(self, machine: Machine, want: Any, url: str, open_is: str = "nothing") -> None:
        self.machine, self.want, self.findings = machine, want, []
        machine.named = url
        self.page, self.pages = look(machine, url, want.server)
        meant = {"port": self.page.host}.get(open_is)
        fitting = [page for page in self.pages if fits(want.server, page.name) and meant in (None, page.host)]
        if open_is == "everything" and self.page.host in HOST_NAMES and not self.page.ip:  # a guess that leads nowhere
            fitting += [page for page in self.pages if page.port == self.page.port and not is_ip(page.ip, "loopback")]
        if open_is != "nothing" and fitting and not self.page.status:
            self.pages = [self.page, *(page for page in self.pages if page is not fitting[0])]
            self.page = fitting[0]
        self.code = cause(machine, self.page, want.server)

    def say(self, check: str, status: str, detail: str, code: str = "OK", fix: str = "") -> None:
        self.findings.append({"check": check, "status": status, "code": code, "detail": detail, "fix": fix})

    def fault(self, code: str, status: str = "fail", said: str = "", page: Page | None = None) -> None:
        """A finding in the words of its code."""
        name = (page or self.page).name
        kind = next((kind for kind, label in LABELS.items() if name.startswith(label)), "openai") if name else ""
        text, fix = words(code, kind or self.want.server, blanks(page or self.page, code, said))
        self.say(ROWS[code][0], status, text, code, fix)

    def why(self) -> None:
        """What is wrong with the server; if it answers elsewhere, that is the fix."""
        better = next((page.url for page in self.pages if fits(self.want.server, page.name)), "")
        self.fault(self.code)
        if better and ROWS[self.code][0] in ELSEWHERE:
            self.findings[-1]["fix"] = f"Use {better} as the server address."
        elif self.code == "LOCALHOST_IN_CONTAINER" and self.machine.may_look_around():
            self.findings[-1]["fix"] = self._for_the_host()

    def host_name(self) -> Page:
        """What happened at the host's own name, on the port in question."""
        missing = Page(root(HOST_NAMES[0], self.page.port), "", "unknown name")
        pages = (page for page in self.pages if page.host in HOST_NAMES and page.port == self.page.port)
        return next(pages, missing)

    def _for_the_host(self) -> str:
        """For one who typed localhost and means the host: what keeps the host's own name from working."""
        page = self.host_name()
        code = cause(self.machine, page, self.want.server)
        step = "" if page.status else words(code, self.want.server, blanks(page, code))[1].rstrip(".") + ". Then use"
        return f"{step or 'Use'} {page.url} as the server address."


# The checks from here to the server.

KERNELS = {"microsoft": "WSL 2 or Docker Desktop on Windows", "linuxkit": "Docker Desktop", "orbstack": "OrbStack"}
LAYERS = ("dns", "connection", "listener", "tls", "host-header", "server")  # each can work only if those before it do
CALLERS = {"api", "worker", "beat"}  # Dify's containers that ask the plugin daemon


def where_am_i(patient: Patient) -> None:
    machine = patient.machine
    kernel = " ".join(word for row in machine.rows("proc/version") for word in row).lower()
    facts = {
        machine.container() or "not in a container": True,
        "Dify's plugin_daemon": "DIFY_INNER_API_URL" in machine.env,
        "GitHub Codespace, which does not reach the computer you sit at": machine.env.get("CODESPACES") == "true",
        "dev container": {"REMOTE_CONTAINERS", "DEVCONTAINER"} & {*machine.env},
        **{name: mark in kernel for mark, name in KERNELS.items()},
        "a Docker network of its own": ["nameserver", "127.0.0.11"] in machine.rows("etc/resolv.conf"),
        f"gateway {machine.gateway()}": machine.gateway(),
    }
    patient.say("place", "pass", ", ".join(fact for fact, holds in facts.items() if holds))
    if machine.container() and machine.env.get("MODE") in CALLERS:
        patient.fault("WRONG_CONTAINER", "warn", f"{machine.env['MODE']} container")


def addresses(patient: Patient) -> None:
    pages = [patient.page, *patient.pages]
    there = [page for page in pages if page.status]
    shown = [_shown(page) for page in there or pages if there or page.port == patient.page.port]
    text = f"{len(there)} of {len(pages)} answer: {', '.join(shown)}"
    patient.say("addresses", *(("pass", text) if there else ("warn", text, "NONE_ANSWERS")))


def _shown(page: Page) -> str:
    who = page.name or (f"HTTP {page.status}" if page.status else page.outcome)
    return f"{page.url} {who} ({page.seconds * 1000:.0f} ms)"


def way(patient: Patient) -> None:
    """Layer by layer: those before the cause work, those behind it cannot be seen."""
    page, broken = patient.page, ROWS.get(patient.code, ("",))[0]
    works = {
        "dns": f"{page.host} is {page.ip}" if page.host != page.ip else "not used",
        "connection": f"{page.ip}, port {page.port}, is open",
        "listener": f"HTTP, an answer after {page.seconds * 1000:.0f} ms" if page.status else "takes the connection",
        "tls": "a certificate that is trusted" if page.url.startswith("https") else "not used",
        "host-header": f"{page.host} is accepted",
        "server": page.name,
    }
    for layer in LAYERS:
        if layer == broken:
            patient.why()
        elif broken in LAYERS[: LAYERS.index(layer)]:
            patient.say(layer, "skip", f"behind {patient.code}", "SKIPPED")
        else:
            patient.say(layer, "pass", works[layer])


def bind(patient: Patient) -> None:
    """Who gets to the port: only the machine of the server knows."""
    machine, page = patient.machine, patient.page
    ips = machine.listeners(page.port) if page.ip and machine.is_own(page.ip) else []
    if not ips:
        patient.say("bind", "skip", "seen only on the server's own machine, if that is Linux", "SKIPPED")
    elif all(is_ip(ip, "loopback") for ip in ips):
        patient.fault("BOUND_TO_LOOPBACK", "warn", ", ".join(ips))
    else:
        patient.say("bind", "pass", f"port {page.port} is open on {', '.join(ips)}: whoever gets there may use it")


def proxies(patient: Patient) -> None:
    """What clients that obey the environment would do; the plugin does not."""
    env, page = patient.machine.env, patient.page
    proxy = _from(env, f"{urlsplit(page.url).scheme}_proxy") or _from(env, "all_proxy")
    shown = proxy.rpartition("//")[2].rpartition("@")[2].rstrip("/")
    names = [name.lstrip(".") for name in _from(env, "no_proxy").replace(" ", "").split(",") if name]
    if not proxy:
        patient.say("proxy", "pass", "none in the environment")
    elif any(name in ("*", page.host) or page.host.endswith(f".{name}") for name in names):
        patient.say("proxy", "pass", f"{shown}, but not for {page.host}")
    elif is_ip(page.host) and any(_holds(name, page.host) for name in names if "/" in name):
        patient.fault("PROXY_BYPASS_CIDR_ONLY", "warn", shown)
    else:
        patient.fault("PROXY_IN_THE_WAY", "warn", shown)


def _holds(block: str, ip: str) -> bool:
    try:
        return ip_address(ip) in ip_network(block, strict=False)
    except ValueError:  # no network, whatever its writer meant
        return False


def _from(env: Mapping[str, str], name: str) -> str:
    """Lower case wins, as everywhere."""
    return env.get(name) or env.get(name.upper()) or ""


# The server's models, and a token from one of them.

LISTS = {"Ollama": ("/api/tags", "models", "name"), "LM": ("/api/v0/models", "data", "id")}
OPENAI_LIST = ("/v1/models", "data", "id")
GENERATE = 60.0  # seconds, loading the model included
MOST_SHOWN, MOST_ASKED = 8, 3


def models_and_token(patient: Patient) -> None:
    if patient.code == "READY":
        token(patient, models(patient))
    else:
        for check in ("models", "token"):
            patient.say(check, "skip", f"behind {patient.code}", "SKIPPED")


def models(patient: Patient) -> list[str]:
    """Tells what there is, and gives those that may be asked; one that is loaded answers soonest."""
    path, key, name = LISTS.get(patient.page.name.split()[0], OPENAI_LIST)
    listed = [model for model in ask(patient, path).rows(key) if model.get(name)]
    names = [str(model[name]) for model in listed]
    wanted = patient.want.model or patient.machine.env.get("OLLAMA_DEFAULT_MODEL", "")
    if not names:
        patient.fault("NO_MODELS")
        return []
    if wanted and not {wanted, f"{wanted}:latest"} & {*names}:
        patient.fault("MODEL_MISSING", said=wanted)
        patient.findings[-1]["detail"] += f"; there are: {_listing(names)}"
        return []
    patient.say("models", "pass", _listing(names))
    return [wanted] if wanted else [str(model[name]) for model in sorted(listed, key=_is_idle) if _chats(model)]


def token(patient: Patient, names: list[str]) -> None:
    """One token, which proves that the model loads."""
    if not patient.want.generate or not names:
        patient.say("token", "skip", "not asked for" if names else "no model to ask", "SKIPPED")
        return
    for model in names[:MOST_ASKED]:
        page = _ask_ollama(patient, model) if patient.page.name.startswith("Ollama") else _ask_openai(patient, model)
        said = _said(page)
        if page.value("message") or page.value("choices"):
            patient.say("token", "pass", f"{model} gave one after {page.seconds:.1f} s")
            return
        if not re.search(r"does not support \W*(chat|generate|logits)", said):
            patient.fault("MODEL_FAILED", said=f"{model}: {said}")
            return
    patient.say("token", "skip", f"{names[0]} does not chat: an embedding or rerank model", "SKIPPED")


def ask(patient: Patient, path: str, body: Any = None, seconds: float = 5.0) -> Page:
    return patient.machine.ask(patient.page.url, patient.page.ip, path, body, seconds)


def _ask_ollama(patient: Patient, model: str) -> Page:
    loaded = {each.get("name"): each.get("context_length") for each in ask(patient, "/api/ps").rows("models")}
    window = {"num_ctx": loaded[model]} if loaded.get(model) else {}  # with another one it would be loaded anew
    options = {"think": False, "options": {"num_predict": 1, **window}}
    return ask(patient, "/api/chat", {**_question(model), **options}, GENERATE)


def _ask_openai(patient: Patient, model: str) -> Page:
    return ask(patient, "/v1/chat/completions", {**_question(model), "max_tokens": 1}, GENERATE)


def _said(page: Page) -> str:
    """The server's words, wherever it puts them."""
    error = page.value("error")
    words = error.get("message") if isinstance(error, dict) else error
    return str(words or page.body.decode(errors="replace").strip() or f"{page.outcome}, HTTP {page.status}")[:200]


def _question(model: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Say yes."}], "stream": False}


def _listing(names: list[str]) -> str:
    return f"{', '.join(names[:MOST_SHOWN])}{' …' if len(names) > MOST_SHOWN else ''}"


def _is_idle(model: dict[str, Any]) -> bool:
    status = model.get("status")  # of llama.cpp's router an object
    return "loaded" not in (model.get("state"), status.get("value") if isinstance(status, dict) else status)


def _chats(model: dict[str, Any]) -> bool:
    return model.get("type") != "embeddings" and "embedding" not in str(model.get("capabilities"))


# Dify's side: its API, its plugin daemon, what its containers know, and what its SSRF proxy is about.

Known = dict[str, tuple[list[str], str]]  # names with their addresses, or why there are none
COMPOSE = ("docker-compose.yaml", "docker-compose.override.yaml")
SCOPE = (
    "not asked for models, they are called by the plugin daemon itself; but HTTP nodes, tools and MCP go through it: "
    "Dify 1.15 and newer want SSRF_PROXY_ALLOW_PRIVATE_DOMAINS=host.docker.internal for them, in docker/.env"
)


def dify(patient: Patient) -> None:
    """All of Dify's side, as far as it can be seen from here; its names are looked up at once."""
    given = patient.want.dify or patient.machine.env.get("DIFY_URL", "")
    api = _root(given or _guess(patient, "http://api:5001", "http://127.0.0.1"))
    daemon = _root(_guess(patient, "http://plugin_daemon:5002", "http://127.0.0.1:5002"))
    hosts = [Page(url, "").host for url in (api, daemon) if url]
    inside = patient.machine.container() and patient.machine.may_look_around()
    known = look_up(patient.machine, [*hosts, *(HOST_NAMES[:1] if inside else ())])
    _api(patient, _ask(patient, api, "/console/api/setup", known), given=bool(given))
    _daemon(patient, _ask(patient, daemon, "/health/check", known))
    _compose(patient, known)
    patient.say("ssrf", "pass", SCOPE)


def _api(patient: Patient, page: Page, *, given: bool) -> None:
    if page.value("step") == "finished":
        patient.say("dify-api", "pass", f"{page.url} is set up")
    elif page.value("step"):
        patient.fault("DIFY_NOT_SET_UP", "warn", page.url)
    elif given:
        patient.fault("DIFY_SILENT", said=f"{page.url} ({page.outcome}, HTTP {page.status})")
    else:
        patient.say("dify-api", "skip", "not seen from here; --dify URL says where it is", "SKIPPED")


def _daemon(patient: Patient, page: Page) -> None:
    if page.value("status") == "ok":
        patient.say("plugin-daemon", "pass", f"{page.url} is well")
    else:
        patient.say("plugin-daemon", "skip", "seen only inside of Dify's network", "SKIPPED")


def _compose(patient: Patient, names: Known) -> None:
    """Whether the containers know the host by its name; Docker Desktop tells them without being asked."""
    machine, texts = patient.machine, "".join(_text(Path(name)) for name in COMPOSE if Path(name).is_file())
    container = machine.container()
    if container.startswith("Kubernetes") or not machine.may_look_around():
        known = None
    elif container:
        known = bool(names[HOST_NAMES[0]][0])
    else:
        known = "host-gateway" in texts if "plugin_daemon:" in texts and platform.system() == "Linux" else None
    if known is None:
        patient.say("compose", "skip", "seen in Dify's docker folder on Linux, or inside a container", "SKIPPED")
    elif known:
        patient.say("compose", "pass", f"the container knows {HOST_NAMES[0]}")
    else:
        patient.fault("HOST_NAME_MISSING", "warn", page=patient.host_name())
        patient.findings[-1]["check"] = "compose"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _guess(patient: Patient, inside: str, outside: str) -> str:
    return (inside if patient.machine.container() else outside) if patient.machine.may_look_around() else ""


def _root(typed: str) -> str:
    return read_address(typed)[0] if typed else ""


def _ask(patient: Patient, url: str, path: str, known: Known) -> Page:
    ips, outcome = known.get(Page(url, "").host, ([], "open"))
    return patient.machine.ask(url, ips[0], path) if ips else Page(url, "", outcome)


# What was found, for a person, a program or a bug report.

SIGNS = {"pass": ("✓", 32), "warn": ("!", 33), "fail": ("✗", 31), "skip": ("–", 2)}
ASCII = str.maketrans(
    {"✓": "+", "✗": "x", "–": "-", "→": ">", "…": "...", "“": '"', "”": '"', "✅": "[ok]", "❌": "[x]"}
)


def as_text(report: dict[str, Any], *, quiet: bool = False, colour: bool = False) -> Iterator[str]:
    """A line a check; the fix stands below what it mends."""
    for found in report["findings"]:
        sign, number = SIGNS[found["status"]]
        shown = f"\033[{number}m{sign}\033[0m" if colour else sign
        code = f"{found['code']}: " if found["status"] in ("warn", "fail") else ""
        if not quiet or found["status"] == "fail":
            yield f"{shown} {found['check']:<14}{code}{found['detail']}"
            yield from [f"  → {found['fix']}"] if found["fix"] else []
    if not quiet:
        yield f"✅ {report['server']} is ready at {report['url']}" if report["ok"] else f"❌ {report['code']}"


def as_markdown(report: dict[str, Any]) -> Iterator[str]:
    """For a bug report: no key, no password; the rest is as the person sees it."""
    yield f"Python {platform.python_version()}, {platform.system()} {platform.machine()}\n\n```text"
    yield from as_text(report)
    yield "```"


def show(report: dict[str, Any], want: Any) -> None:
    lines = as_markdown(report) if want.markdown else as_text(report, quiet=want.quiet, colour=want.colour)
    text = json.dumps(report) if want.json else "\n".join(lines)
    encoding = sys.stdout.encoding or "ascii"
    if "utf" not in encoding.lower():
        text = text.translate(ASCII).encode(encoding, "replace").decode(encoding)
    if text:
        print(text, flush=True)


# What may be written, after asking.

OVERRIDE = 'services:\n  plugin_daemon:\n    extra_hosts: ["host.docker.internal:host-gateway"]\n'


def mend(report: dict[str, Any], agreed: Callable[[str], str] = input) -> None:
    """Writes only into this folder, only what it shows, and nothing over what is there."""
    offers = [(".env", f"OLLAMA_BASE_URL={report['url']}\n")] if report["ok"] else []
    if (
        any(found["code"] == "HOST_NAME_MISSING" for found in report["findings"])
        and Path("docker-compose.yaml").exists()
    ):
        offers.append(("docker-compose.override.yaml", OVERRIDE))
    for name, text in offers:
        path = Path(name)
        there = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
        if text in there:
            continue
        if (there and name != ".env") or "OLLAMA_BASE_URL=" in there:
            print(f"{name} is there already; put this into it yourself:\n{text}")
        elif agreed(f"Write this to {path.resolve()}?\n{text}[y/N] ").strip().lower() in ("y", "yes"):
            whole = there + ("\n" if there and not there.endswith("\n") else "") + text
            path.write_text(whole, encoding="utf-8", errors="surrogateescape")


# The command line.

READY, PROBLEM, USAGE, COULD_NOT_RUN, WAITED, INTERRUPTED = 0, 1, 2, 3, 4, 130
BETWEEN = 1.0  # seconds from one look to the next
CHECKS = "place addresses listener tls bind connection dns proxy host-header server models token dify-api plugin-daemon"
ORDER = [*CHECKS.split(), "compose", "ssrf"]
OPTIONS = {
    "--url": "the server, or several with commas; else OLLAMA_BASE_URL, OLLAMA_HOST, or what answers nearby",
    "--model": "the model to ask; else OLLAMA_DEFAULT_MODEL, or one that is there",
    "--dify": "Dify, such as http://localhost; else DIFY_URL",
}
FLAGS = {
    "--json": "one JSON object with schema_version",
    "--markdown": "for a bug report, without secrets",
    "--quiet": "only what is wrong",
    "--fix": "offer to write what can be written here, and ask first",
}
EXAMPLE = "Example: docker exec -i docker-plugin_daemon-1 python3 - --markdown < scripts/doctor.py"
ABOUT = "Why no model server answers from here, and the one thing to do. A key is read from LOCAL_MODELS_API_KEY."


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("doctor.py", description=ABOUT, epilog=EXAMPLE)
    for name, text in OPTIONS.items():
        parser.add_argument(name, default="", metavar="X", help=text)
    for name, text in FLAGS.items():
        parser.add_argument(name, action="store_true", help=text)
    parser.add_argument("--server", default="auto", choices=["auto", "ollama", "llamacpp", "lmstudio", "openai"])
    parser.add_argument("--no-generate", dest="generate", action="store_false", help="ask for no token")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="look again until it is ready")
    want = parser.parse_args(argv)
    if want.fix and not sys.stdin.isatty():
        parser.error("--fix asks before it writes, and there is nobody to ask: run it as a file, in a terminal")
    want.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return want


def targets(machine: Machine, want: argparse.Namespace) -> list[tuple[str, str]]:
    """The addresses that were given, without any the likeliest one; and what is left to guesses."""
    env, _ = machine.env, machine.key()
    given = [each.strip() for each in (want.url or env.get("OLLAMA_BASE_URL", "")).split(",") if each.strip()]
    if given:  # `name=URL weight=2`, as in the plugin's form, is an address too
        read = [read_address(re.sub(r"^[\w-]+=|\s+\w+=\S+", "", each)) for each in given]
        return [(url, "nothing" if exact else "port") for url, exact in read]
    if not env.get("OLLAMA_HOST") and not machine.may_look_around():
        raise Usage("LOCAL_MODELS_LOOK_AROUND forbids to look for a server: --url says where it is")
    usual = "host.docker.internal:11434" if machine.container() else "127.0.0.1:11434"
    return [(read_address(env.get("OLLAMA_HOST") or usual)[0], "everything")]


def examine(machine: Machine, want: argparse.Namespace) -> dict[str, Any]:
    """All checks; what is behind a fault is skipped."""
    patients = [Patient(machine, want, url, open_is) for url, open_is in targets(machine, want)]
    where_am_i(patients[0])
    for patient in patients:
        for check in (addresses, way, bind, proxies, models_and_token):
            machine.named = patient.page.url
            check(patient)
    dify(patients[-1])
    return _report(patients)


def _report(patients: list[Patient]) -> dict[str, Any]:
    found = [one for each in patients for one in sorted(each.findings, key=lambda one: ORDER.index(one["check"]))]
    faults = [one["code"] for one in found if one["status"] == "fail"]
    pages = [page for each in patients for page in (each.page, *each.pages)]
    return {
        "schema_version": 1,
        "ok": not faults,
        "code": faults[0] if faults else "READY",
        "exit_code": PROBLEM if faults else READY,
        "url": patients[0].page.url,
        "server": patients[0].page.name,
        "findings": found,
        "addresses": [
            {"url": page.url, "outcome": page.outcome, "ms": round(page.seconds * 1000), "server": page.name}
            for page in pages
        ],
    }


def until_ready(machine: Machine, want: argparse.Namespace) -> dict[str, Any]:
    """One look, or as many as fit into the time to wait."""
    until = monotonic() + want.wait
    report = examine(machine, want)
    while not report["ok"] and monotonic() < until:
        sleep(min(BETWEEN, max(0.0, until - monotonic())))
        report = examine(machine, want)
    if want.wait and not report["ok"]:
        report["exit_code"] = WAITED
    return report


def main(argv: Sequence[str] | None = None, machine: Machine | None = None) -> int:
    want, machine = arguments(argv), machine or Machine()
    if sys.stderr.isatty() and not want.quiet:
        print("Looking ...", file=sys.stderr)
    report: dict[str, Any] = {"exit_code": COULD_NOT_RUN}
    try:
        report = until_ready(machine, want)
        show(report, want)
        if want.fix:
            mend(report)
    except Usage as error:
        return _ended(str(error), USAGE, want)
    except KeyboardInterrupt:
        return _ended("interrupted", INTERRUPTED, want)
    except BrokenPipeError:  # whoever read it has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001 - a doctor that falls ill says so, in a line
        return _ended(f"the doctor itself failed: {type(error).__name__}: {error}", COULD_NOT_RUN, want)
    return report["exit_code"]


def _ended(reason: str, code: int, want: argparse.Namespace) -> int:
    print(reason, file=sys.stderr)
    if want.json:
        print(json.dumps({"schema_version": 1, "ok": False, "error": reason, "exit_code": code, "findings": []}))
    return code


if __name__ == "__main__":
    sys.exit(main())
