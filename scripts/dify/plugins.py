"""Dify's plugins: upload a package, install it, wait for it, see which version runs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.dify.errors import BROKEN, BadSignature, DifyError, NotReachable, Refused, TookTooLong
from scripts.dify.patience import patiently
from scripts.dify.session import DifySession

BASE = "/workspaces/current/plugin"
POLL = 1.0  # seconds
FORGOTTEN = 3  # answers in a row that Dify does not know the task, before it is believed
SIGNATURE_FIX = (
    "set FORCE_VERIFYING_SIGNATURE=false in Dify's docker/.env, then `docker compose up -d plugin_daemon` there "
    "(from then on every unsigned plugin may be installed); or sign the package yourself and give the daemon your key: "
    "THIRD_PARTY_SIGNATURE_VERIFICATION_ENABLED=true and THIRD_PARTY_SIGNATURE_VERIFICATION_PUBLIC_KEYS"
)
MARKETPLACE_FIX = "an admin can allow local packages; this Dify takes plugins from its Marketplace only"
INDEX_FIX = (
    "plugin_daemon could not fetch the plugin's Python packages: let it reach a package index, or name one with "
    "PIP_MIRROR_URL in Dify's docker/.env, then `docker compose up -d plugin_daemon`"
)
LOG_FIX = "look at the daemon's log: docker compose logs --tail 50 plugin_daemon"
INDEX_WORDS = ("timeout", "timed out", "network", "resolve", "connect", "init environment", "requirements")

type OnStatus = Callable[[str], None]


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


def check_permission(dify: DifySession, size: int) -> None:
    """What Dify tells in advance. Raises `Refused` when a package of this size cannot be installed there."""
    features = dify.public("/system-features")
    permission = features.get("plugin_installation_permission") or {}
    if permission.get("restrict_to_marketplace_only"):
        raise Refused(f"{dify.url} allows no plugins but those of its Marketplace", MARKETPLACE_FIX)
    most = features.get("max_plugin_package_size") or size
    if size > most:
        fix = "raise PLUGIN_MAX_PACKAGE_SIZE in Dify's docker/.env"
        raise Refused(f"the package has {size:,} bytes, {dify.url} takes {most:,}", fix)


def upload(dify: DifySession, package: Path) -> str:
    """The identifier Dify gives the package.

    Raises:
        BadSignature: only signed packages are allowed there.
        Refused: the package is broken or too large.
    """
    file = (package.name, package.read_bytes())  # whole, because it may have to be sent twice
    try:
        return dify.call("POST", f"{BASE}/upload/pkg", files={"pkg": file})["unique_identifier"]
    except Refused as error:
        raise _explained(error) from error


def install(dify: DifySession, identifier: str, patience: float, on_status: OnStatus) -> None:
    """Start the installation and wait for its end: Dify installs the plugin's dependencies first.

    Raises:
        DifyError: it failed, with the daemon's message, or took longer than `patience` seconds.
    """
    try:
        reply = patiently(lambda: dify.post(f"{BASE}/install/pkg", {"plugin_unique_identifiers": [identifier]}))
    except Refused as error:
        raise _explained(error) from error
    if not reply.get("all_installed"):
        _wait(dify, reply["task_id"], identifier, patience, on_status)


def uninstall(dify: DifySession, installation_id: str) -> None:
    """Credentials of models survive this; those of the provider do not."""
    dify.post(f"{BASE}/uninstall", {"plugin_installation_id": installation_id})


def _wait(dify: DifySession, task: str, identifier: str, patience: float, on_status: OnStatus) -> None:
    """A finished task is forgotten after a minute; the caller looks what runs."""
    for state in _states(dify, task, patience):
        on_status(state["status"])
        if state["status"] == "success":
            return
        if state["status"] == "failed":
            reason = _reason(state, identifier)
            raise DifyError(f"Dify could not install the plugin: {reason}", _install_fix(reason))


def _states(dify: DifySession, task: str, patience: float) -> Iterator[dict[str, Any]]:
    """What the task says, second by second; ends when Dify does not know it any more."""
    deadline, forgotten = time.monotonic() + patience, 0
    while time.monotonic() < deadline:
        try:
            yield dify.get(f"{BASE}/tasks/{task}")["task"]
            forgotten = 0
        except (Refused, NotReachable) as error:
            if error.status < BROKEN and not error.may_pass:
                raise
            forgotten += 1
            if forgotten == FORGOTTEN and isinstance(error, Refused):
                return
        time.sleep(POLL)
    raise TookTooLong(f"the installation was not done after {patience:g} s; it may still go on", LOG_FIX)


def _reason(state: dict[str, Any], identifier: str) -> str:
    mine = [each for each in state["plugins"] if each["plugin_unique_identifier"] == identifier]
    return next((each["message"] for each in mine or state["plugins"] if each.get("message")), "no reason given")


def _install_fix(reason: str) -> str:
    said = reason.lower()
    if "signature" in said:
        return SIGNATURE_FIX
    return INDEX_FIX if any(word in said for word in INDEX_WORDS) else LOG_FIX


def _explained(error: Refused) -> DifyError:
    if "signature" in str(error).lower():
        return BadSignature(_words(error), SIGNATURE_FIX, error.status, error.code)
    return Refused(_words(error), error.fix, error.status, error.code)


def _words(error: Refused) -> str:
    """Without the number of the request and the name of an exception."""
    return str(error).partition("Error: ")[2] or str(error)
