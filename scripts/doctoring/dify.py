"""Dify's side: its API, its plugin daemon, what its containers know, and what its SSRF proxy is about."""

from __future__ import annotations

import platform
from pathlib import Path

from scripts.doctoring.doors import HOST_NAMES, look_up
from scripts.doctoring.pages import Page, read_address
from scripts.doctoring.patient import Patient

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
