"""Dify's side: its API, its plugin daemon, what its containers know, and what its SSRF proxy is about."""

from __future__ import annotations

import platform
from pathlib import Path

from scripts.doctoring.doors import HOST_NAMES
from scripts.doctoring.pages import Page, read_address
from scripts.doctoring.patient import Patient

COMPOSE = ("docker-compose.yaml", "docker-compose.override.yaml")
SCOPE = (
    "not asked for models, they are called by the plugin daemon itself; but HTTP nodes, tools and MCP go through it: "
    "Dify 1.15 and newer want SSRF_PROXY_ALLOW_PRIVATE_DOMAINS=host.docker.internal for them, in docker/.env"
)


def dify(patient: Patient) -> None:
    """All of Dify's side, as far as it can be seen from here."""
    _api(patient)
    _daemon(patient)
    _compose(patient)
    patient.say("ssrf", "pass", SCOPE)


def _api(patient: Patient) -> None:
    given = patient.want.dify or patient.machine.env.get("DIFY_URL", "")
    page = _ask(patient, given or _guess(patient, "http://api:5001", "http://127.0.0.1"), "/console/api/setup")
    if page.value("step") == "finished":
        patient.say("dify-api", "pass", f"{page.url} is set up")
    elif page.value("step"):
        patient.fault("DIFY_NOT_SET_UP", "warn", page.url)
    elif given:
        patient.fault("DIFY_SILENT", said=f"{page.url} ({page.outcome}, HTTP {page.status})")
    else:
        patient.say("dify-api", "skip", "not seen from here; --dify URL says where it is", "SKIPPED")


def _daemon(patient: Patient) -> None:
    page = _ask(patient, _guess(patient, "http://plugin_daemon:5002", "http://127.0.0.1:5002"), "/health/check")
    if page.value("status") == "ok":
        patient.say("plugin-daemon", "pass", f"{page.url} is well")
    else:
        patient.say("plugin-daemon", "skip", "seen only inside of Dify's network", "SKIPPED")


def _compose(patient: Patient) -> None:
    """Whether the containers know the host by its name; Docker Desktop tells them without being asked."""
    machine, texts = patient.machine, "".join(Path(name).read_text() for name in COMPOSE if Path(name).is_file())
    container = machine.container()
    if container.startswith("Kubernetes") or not machine.may_look_around():
        known = None
    elif container:
        known = bool(machine.resolve(HOST_NAMES[0])[0])
    else:
        known = "host-gateway" in texts if "plugin_daemon:" in texts and platform.system() == "Linux" else None
    if known is None:
        patient.say("compose", "skip", "seen in Dify's docker folder on Linux, or inside a container", "SKIPPED")
    elif known:
        patient.say("compose", "pass", f"the container knows {HOST_NAMES[0]}")
    else:
        patient.fault("HOST_NAME_MISSING", "warn", page=patient.host_name())
        patient.findings[-1]["check"] = "compose"


def _guess(patient: Patient, inside: str, outside: str) -> str:
    return (inside if patient.machine.container() else outside) if patient.machine.may_look_around() else ""


def _ask(patient: Patient, typed: str, path: str) -> Page:
    if not typed:
        return Page("", "")
    url = read_address(typed)[0]
    ips, outcome = patient.machine.resolve(Page(url, "").host)
    return patient.machine.ask(url, ips[0], path) if ips else Page(url, "", outcome)
