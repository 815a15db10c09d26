"""The checks from here to the server."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from scripts.doctoring.pages import Page, is_ip
from scripts.doctoring.patient import Patient
from scripts.doctoring.words import ROWS

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
