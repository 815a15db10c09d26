"""Packages, installations and tasks, as Dify's API and its plugin daemon keep them."""

import io
import zipfile
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from scripts.packaging.archive import checksum
from tests.servers.dify_answers import done, in_two_languages, internal_error, invalid, new_id, refusal
from tests.servers.dify_sessions import WORKSPACE
from tests.servers.exchange import Request, Response

WHEN = "2026-11-21T00:31:26.573651Z"
BAD_SIGNATURE = "plugin verification has been enabled, and the plugin you want to install has a bad signature"


@dataclass(slots=True)
class Package:
    identifier: str
    manifest: dict[str, Any]
    provider: dict[str, Any]

    @property
    def plugin_id(self) -> str:
        return self.identifier.partition(":")[0]

    @property
    def version(self) -> str:
        return self.manifest["version"]


@dataclass(slots=True)
class Installation:
    id: str
    package: Package


@dataclass(slots=True)
class Task:
    identifier: str
    states: list[str]
    message: str = ""


@dataclass(slots=True)
class Plugins:
    """`is_newer`: the daemon after 0.6.9, which looks for a plugin, where the older one looks for a version."""

    is_newer: bool = True
    verifies: bool = False
    breaks: str = ""  # the message of an installation that fails
    broken: set[str] = field(default_factory=set)  # versions; empty for all
    states: tuple[str, ...] = ("pending", "running", "success")
    is_listed: bool = True  # some forks let not every account see what is installed
    uploaded: dict[str, Package] = field(default_factory=dict)
    installed: dict[str, Installation] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)

    @property
    def versions(self) -> list[str]:
        return [each.package.version for each in self.installed.values()]

    def put(self, data: bytes) -> Installation:
        """A plugin that is there already."""
        package = _read(data)
        self.uploaded[package.identifier] = package
        return self._installed(package)

    def upload(self, request: Request) -> Response:
        data = _file(request, "pkg")
        package = _read(data)
        if self.verifies:
            raise invalid(f"req_id: 01610b21d1 PluginDaemonBadRequestError: {BAD_SIGNATURE}")
        self.uploaded[package.identifier] = package
        manifest = {**package.manifest, "verified": False}
        return done({"unique_identifier": package.identifier, "manifest": manifest, "verification": None})

    def install(self, request: Request) -> Response:
        [identifier] = request.json["plugin_unique_identifiers"]
        package = self.uploaded.get(identifier)
        if package is None:
            raise invalid("req_id: 01610b21d2 PluginDaemonBadRequestError: package not found")
        there = [each.package for each in self.installed.values()]
        if any(
            each.identifier == identifier or (self.is_newer and each.plugin_id == package.plugin_id) for each in there
        ):
            return done({"all_installed": True, "task_id": ""})
        fails = self.breaks and (not self.broken or package.version in self.broken)
        states = [*self.states[:-1], "failed"] if fails else [*self.states]
        task = new_id()
        self.tasks[task] = Task(identifier, states, self.breaks if fails else "")
        return done({"all_installed": False, "task_id": task})

    def task(self, request: Request, task_id: str) -> Response:
        """One state further with each question; after the last it is forgotten."""
        task = self.tasks.get(task_id)
        if task is None:
            raise internal_error()
        state = task.states.pop(0)
        if not task.states:
            del self.tasks[task_id]
        package = self.uploaded[task.identifier]
        if state in ("success", "forgotten"):
            self._installed(package)
        if state == "forgotten":  # it was done between two questions, and that is a while ago
            raise internal_error()
        return done({"task": _told(task_id, package, state, task.message)})

    def by_ids(self, request: Request) -> Response:
        if not self.is_listed:
            raise refusal(403, "forbidden", "You don't have the permission to access the requested resource.")
        wanted = request.json["plugin_ids"]
        return done(
            {"plugins": [_listed(each) for each in self.installed.values() if each.package.plugin_id in wanted]}
        )

    def uninstall(self, request: Request) -> Package:
        there = self.installed.pop(request.json["plugin_installation_id"], None)
        if there is None:
            raise internal_error()
        return there.package

    def _installed(self, package: Package) -> Installation:
        installation = Installation(new_id(), package)
        self.installed[installation.id] = installation
        return installation


def _told(task_id: str, package: Package, state: str, message: str) -> dict[str, Any]:
    is_over = state in ("success", "failed")
    plugin = {
        "plugin_unique_identifier": package.identifier,
        "plugin_id": package.plugin_id,
        "status": state,
        "message": message or ("Installed" if state == "success" else ""),
        "icon": package.manifest["icon"],
        "labels": package.manifest["label"],
    }
    return {
        "id": task_id,
        "created_at": WHEN,
        "updated_at": WHEN,
        "status": state,
        "total_plugins": 1,
        "completed_plugins": int(is_over),
        "plugins": [plugin],
    }


def _listed(installation: Installation) -> dict[str, Any]:
    package = installation.package
    return {
        "id": installation.id,
        "created_at": WHEN,
        "updated_at": WHEN,
        "tenant_id": WORKSPACE,
        "endpoints_setups": 0,
        "endpoints_active": 0,
        "runtime_type": "local",
        "source": "package",
        "meta": {},
        "plugin_id": package.plugin_id,
        "plugin_unique_identifier": package.identifier,
        "version": package.version,
        "checksum": package.identifier.partition("@")[2],
        "declaration": {**package.manifest, "model": {"label": in_two_languages(package.provider["label"])}},
    }


def _read(data: bytes) -> Package:
    """Each time a new one, that a test may change."""
    return deepcopy(_parsed(data))


@cache
def _parsed(data: bytes) -> Package:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = yaml.safe_load(files["manifest.yaml"])
    except (zipfile.BadZipFile, KeyError):
        text = "File is not a zip file\nfailed to decode package"
        raise invalid(f"req_id: 01610b21d1 PluginDaemonBadRequestError: {text}") from None
    provider = yaml.safe_load(files[manifest["plugins"]["models"][0]])
    name = f"{manifest['author']}/{manifest['name']}:{manifest['version']}@{checksum(files)}"
    return Package(name, manifest, provider)


def _file(request: Request, name: str) -> bytes:
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    for part in request.body.split(b"--" + boundary):
        head, _, body = part.partition(b"\r\n\r\n")
        if f'name="{name}"'.encode() in head:
            return body.removesuffix(b"\r\n")
    raise invalid(f"{name} is missing")
