"""Dify's plugins: upload a package, install it, wait for it, see which version runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.dify.errors import BadSignature, DifyError, Refused
from scripts.dify.session import DifySession

BASE = "/workspaces/current/plugin"
POLL = 1.0  # seconds
SIGNATURE_FIX = (
    "set FORCE_VERIFYING_SIGNATURE=false in Dify's docker/.env and run `docker compose up -d plugin_daemon` there "
    "(then every unsigned plugin may be installed), or sign the package with a key of your own"
)


@dataclass(frozen=True, slots=True)
class Installed:
    """A plugin that is there. `installation_id` is what uninstalling asks for."""

    plugin_id: str
    version: str
    identifier: str
    installation_id: str


def installed(dify: DifySession, plugin_id: str) -> list[Installed]:
    """The versions that are there; normally one or none."""
    found = dify.post(f"{BASE}/list/installations/ids", {"plugin_ids": [plugin_id]})["plugins"]
    return [
        Installed(each["plugin_id"], each["version"], each["plugin_unique_identifier"], each["id"]) for each in found
    ]


def upload(dify: DifySession, package: Path) -> str:
    """The identifier Dify gives the package.

    Raises:
        BadSignature: only signed packages are allowed there.
        Refused: the package is broken or too large.
    """
    with package.open("rb") as file:
        try:
            reply = dify.call("POST", f"{BASE}/upload/pkg", files={"pkg": (package.name, file)})
        except Refused as error:
            if "signature" in str(error).lower():
                raise BadSignature(str(error), SIGNATURE_FIX, error.status, error.code) from error
            raise
    return reply["unique_identifier"]


def install(dify: DifySession, identifier: str, patience: float, on_status: Callable[[str], None]) -> None:
    """Start the installation and wait for its end: Dify installs the plugin's dependencies first.

    Raises:
        DifyError: it failed, with the daemon's message, or took longer than `patience` seconds.
    """
    try:
        reply = dify.post(f"{BASE}/install/pkg", {"plugin_unique_identifiers": [identifier]})
    except Refused as error:
        if "signature" in str(error).lower():
            raise BadSignature(str(error), SIGNATURE_FIX, error.status, error.code) from error
        raise
    if not reply.get("all_installed"):
        _wait(dify, reply["task_id"], identifier, patience, on_status)


def uninstall(dify: DifySession, installation_id: str) -> None:
    """Credentials of models survive this; those of the provider do not."""
    dify.post(f"{BASE}/uninstall", {"plugin_installation_id": installation_id})


def _wait(dify: DifySession, task: str, identifier: str, patience: float, on_status: Callable[[str], None]) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        state = _task(dify, task)
        if state is None:
            return  # the daemon forgets a finished task after a minute; the caller looks what runs
        on_status(state["status"])
        if state["status"] == "success":
            return
        if state["status"] == "failed":
            raise DifyError(f"Dify could not install the plugin: {_reason(state, identifier)}", _install_fix(state))
        time.sleep(POLL)
    raise DifyError(f"the installation was not done after {patience:g} s", "look at the log of plugin_daemon")


def _task(dify: DifySession, task: str) -> dict[str, Any] | None:
    try:
        return dify.get(f"{BASE}/tasks/{task}")["task"]
    except Refused as error:
        if error.status >= 500:  # noqa: PLR2004 - Dify's answer to a task it does not know any more
            return None
        raise


def _reason(state: dict[str, Any], identifier: str) -> str:
    mine = [each for each in state["plugins"] if each["plugin_unique_identifier"] == identifier]
    return next((each["message"] for each in mine or state["plugins"] if each.get("message")), "no reason given")


def _install_fix(state: dict[str, Any]) -> str:
    said = str(state).lower()
    if "signature" in said:
        return SIGNATURE_FIX
    if any(word in said for word in ("timeout", "network", "resolve", "connection", "index")):
        return "plugin_daemon could not fetch the plugin's dependencies: give it a proxy or PIP_MIRROR_URL"
    return "look at the log of plugin_daemon"
