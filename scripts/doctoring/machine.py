"""All that touches this machine and its network; tests pass another one."""

from __future__ import annotations

import errno
import http.client
import json
import os
import re
import socket
import ssl
import zlib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from scripts.doctoring.pages import Page, Usage

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
