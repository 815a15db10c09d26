"""From what happened at an address to the code of its cause; the rules are those of the plugin."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Any

from scripts.doctoring.doors import HOST_NAMES, LOCKED
from scripts.doctoring.machine import Machine
from scripts.doctoring.pages import Page, is_ip, swapped
from scripts.doctoring.words import ROWS

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
