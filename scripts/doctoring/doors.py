"""Every address that may have been meant, knocked at all at once: who is there?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from time import monotonic
from typing import Any

from scripts.doctoring.machine import VERDICTS, Machine
from scripts.doctoring.pages import FIRST_QUESTION, LOOPBACK, Page, is_ip, root, swapped
from scripts.doctoring.words import KIND_OF_PORT, ROWS

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
