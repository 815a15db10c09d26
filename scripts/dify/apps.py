"""Dify's apps: list, import, publish, key, describe, delete. Facts of Dify 1.12.1, tests/recordings/dify 30 to 39."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.dify.errors import Refused
from scripts.dify.session import DifySession

BASE = "/apps"
PAGE = 100  # the most that Dify gives at once
WITH_WORKFLOW = ("workflow", "advanced-chat")  # only these are published, and only these can be overwritten
LOOK = ("icon_type", "icon", "icon_background", "use_icon_as_answer_icon", "max_active_requests")
NEWER = "update Dify, or take the apps of an older version of this project"


@dataclass(frozen=True, slots=True)
class App:
    """One app of the workspace."""

    id: str
    name: str
    mode: str
    description: str
    look: Mapping[str, Any]  # what has to be sent again when something else is changed
    is_published: bool


class Apps:
    """The apps of the workspace that is signed in to."""

    def __init__(self, dify: DifySession) -> None:
        self._dify = dify

    def all(self) -> Iterator[App]:
        page, more = 1, True
        while more:
            found = self._dify.get(BASE, {"page": page, "limit": PAGE})
            yield from map(_app, found["data"])
            page, more = page + 1, bool(found["has_more"])

    def bring(self, text: str, instead_of: str = "") -> str:
        """Import a DSL file, in place of the app with this id if one is given; the id of the app.

        Raises:
            Refused: with Dify's words; also when this Dify is too old for the file.
        """
        body = {"mode": "yaml-content", "yaml_content": text} | ({"app_id": instead_of} if instead_of else {})
        reply = self._dify.post(f"{BASE}/imports", body)
        if reply["status"] == "pending":  # a newer or much older DSL than Dify's own
            reply = self._dify.post(f"{BASE}/imports/{reply['id']}/confirm")
        if not reply.get("app_id"):
            raise Refused(f"Dify did not take the app: {reply.get('error') or reply['status']}", NEWER)
        return reply["app_id"]

    def missing(self, app_id: str) -> list[str]:
        """Plugins that an app just imported wants and Dify does not have."""
        leaked = self._dify.get(f"{BASE}/imports/{app_id}/check-dependencies")["leaked_dependencies"]
        return [_plugin_of(each) for each in leaked]

    def publish(self, app_id: str) -> None:
        self._dify.post(f"{BASE}/{app_id}/workflows/publish", {"marked_name": "", "marked_comment": ""})

    def enable_api(self, app_id: str) -> None:
        self._dify.post(f"{BASE}/{app_id}/api-enable", {"enable_api": True})

    def key(self, app_id: str, known: str = "") -> str:
        """A key of the app: the known one if it is still good, else one that is there, else a new one. Ten at most."""
        there = [each["token"] for each in self._dify.get(f"{BASE}/{app_id}/api-keys")["data"]]
        if known in there:
            return known
        return there[0] if there else self._dify.post(f"{BASE}/{app_id}/api-keys")["token"]

    def describe(self, app: App, description: str) -> None:
        """Change the description alone."""
        body = {"name": app.name, **app.look, "description": description}
        self._dify.call("PUT", f"{BASE}/{app.id}", json=body)

    def get(self, app_id: str) -> App:
        return _app(self._dify.get(f"{BASE}/{app_id}"))

    def delete(self, app_id: str) -> None:
        self._dify.call("DELETE", f"{BASE}/{app_id}")


def _plugin_of(dependency: Mapping[str, Any]) -> str:
    """Its name with the version: each kind of source has another field for it."""
    value = dependency["value"]
    named = [value[field] for field in value if field.endswith("unique_identifier") and value[field]]
    return f"the plugin {str(named[0]).partition('@')[0]}" if named else f"a plugin ({dependency['type']})"


def _app(told: Mapping[str, Any]) -> App:
    look = {name: told[name] for name in LOOK if told.get(name) is not None}
    published = bool(told.get("workflow")) or told["mode"] not in WITH_WORKFLOW
    return App(told["id"], told["name"], told["mode"], told.get("description") or "", look, published)
