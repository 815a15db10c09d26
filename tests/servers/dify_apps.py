"""A Dify with apps: imports, published workflows, keys, and what Dify 1.12.1 refuses there; and with knowledge."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.servers.dify import ScriptedDify
from tests.servers.dify_answers import done, invalid, new_id, nothing, refusal
from tests.servers.dify_knowledge import Library
from tests.servers.exchange import Request, Response

OWN_DSL = "0.5.0"
MOST_KEYS, LONGEST_DESCRIPTION, LONGEST_PAGE = 10, 400, 100
WITH_WORKFLOW = ("workflow", "advanced-chat")
ID = r"(?P<app_id>[0-9a-f-]+)"
MADE = 1795221097


@dataclass
class ScriptedApp:
    dsl: dict[str, Any]
    enabled: bool = True
    published: bool = False
    description: str = ""
    most: int | None = None  # requests at one time
    keys: list[dict[str, Any]] = field(default_factory=list)
    id: str = field(default_factory=new_id)

    @property
    def title(self) -> str:
        return self.dsl["app"]["name"]

    @property
    def mode(self) -> str:
        return self.dsl["app"]["mode"]

    def told(self, *, whole: bool) -> dict[str, Any]:
        """As in the list of apps, or whole; between these names is what is of no concern here."""
        app = self.dsl["app"]
        workflow = {"id": new_id(), "created_at": MADE} if self.published and self.mode in WITH_WORKFLOW else None
        return {
            "id": self.id, "name": app["name"], "max_active_requests": self.most, "description": self.description,
            "mode": self.mode, "icon_type": app["icon_type"], "icon": app["icon"],
            "icon_background": app["icon_background"], "workflow": workflow, "use_icon_as_answer_icon": False,
        } | ({"enable_api": self.enabled} if whole else {})  # fmt: skip


class DifyWithApps(ScriptedDify):
    """`apps` by id, the oldest first."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.apps: dict[str, ScriptedApp] = {}
        self.library = Library()
        self.dsl = OWN_DSL
        self.refuses: dict[str, str] = {}  # app name → Dify's word when it is imported
        self.lacks: list[dict[str, Any]] = []  # dependencies that every import is said to miss
        self._pending: dict[str, tuple[str, str]] = {}
        self._wanted: dict[str, list[dict[str, Any]]] = {}

    def by_title(self) -> dict[str, ScriptedApp]:
        return {app.title: app for app in self.apps.values()}

    def put(self, app: ScriptedApp) -> ScriptedApp:
        self.apps[app.id] = app
        return app

    def copy(self, app: ScriptedApp) -> ScriptedApp:
        """What "Duplicate" in the browser makes."""
        return self.put(ScriptedApp(app.dsl, published=False, description=app.description))

    def _routes(self):
        console = [
            ("GET", "/apps", self._listed),
            ("POST", "/apps/imports", self._import),
            ("POST", rf"/apps/imports/{ID}/confirm", self._confirm),
            ("GET", rf"/apps/imports/{ID}/check-dependencies", self._check_dependencies),
            ("GET", f"/apps/{ID}", lambda _, app_id: done(self._app(app_id).told(whole=True))),
            ("PUT", f"/apps/{ID}", self._change),
            ("DELETE", f"/apps/{ID}", self._delete),
            ("POST", f"/apps/{ID}/workflows/publish", self._publish),
            ("POST", f"/apps/{ID}/api-enable", self._enable),
            ("GET", f"/apps/{ID}/api-keys", lambda _, app_id: done({"data": self._app(app_id).keys})),
            ("POST", f"/apps/{ID}/api-keys", self._new_key),
        ]
        return [*((*route, False) for route in console), *self.library.routes(), *super()._routes()]

    def _listed(self, request: Request) -> Response:
        query = dict(re.findall(r"(\w+)=(\d+)", request.path))
        page, limit = int(query["page"]), int(query["limit"])
        if limit > LONGEST_PAGE:
            raise invalid("limit must be at most 100")
        newest_first = list(reversed(self.apps.values()))
        shown = [app.told(whole=False) for app in newest_first[(page - 1) * limit : page * limit]]
        more = len(newest_first) > page * limit
        return done({"page": page, "limit": limit, "total": len(self.apps), "has_more": more, "data": shown})

    def _import(self, request: Request) -> Response:
        text, instead = request.json["yaml_content"], request.json.get("app_id") or ""
        dsl = yaml.safe_load(text)
        if not dsl.get("app"):
            return self._told("failed", "", error="Missing app data in YAML content")
        if word := self.refuses.get(dsl["app"]["name"]) or self._refusal(instead):
            return self._told("failed", dsl["version"], error=word)
        theirs, own = _numbers(dsl["version"]), _numbers(self.dsl)
        if theirs > own or theirs[0] < own[0]:
            waiting = new_id()
            self._pending[waiting] = (text, instead)
            return self._told("pending", dsl["version"], number=waiting)
        app = self._taken(dsl, instead)
        self._wanted[app.id] = dsl.get("dependencies") or []
        status = "completed" if theirs[:2] == own[:2] else "completed-with-warnings"
        return self._told(status, dsl["version"], app)

    def _refusal(self, instead: str) -> str:
        if instead and instead not in self.apps:
            return "App not found"
        if instead and self.apps[instead].mode not in WITH_WORKFLOW:
            return "Only workflow or advanced chat apps can be overwritten"
        return ""

    def _confirm(self, _request: Request, app_id: str) -> Response:
        """Of dependencies nothing is known then."""
        if app_id not in self._pending:
            return self._told("failed", "", error="Import information expired or does not exist")
        text, instead = self._pending.pop(app_id)
        dsl = yaml.safe_load(text)
        return self._told("completed", dsl["version"], self._taken(dsl, instead), number=app_id)

    def _taken(self, dsl: dict[str, Any], instead: str) -> ScriptedApp:
        app = self.apps[instead] if instead else self.put(ScriptedApp(dsl))
        app.dsl, app.description = dsl, dsl["app"]["description"]
        return app

    def _told(
        self, word: str, version: str, app: ScriptedApp | None = None, *, error: str = "", number: str = ""
    ) -> Response:
        body = {
            "id": number or new_id(), "status": word, "app_id": app and app.id, "app_mode": app and app.mode,
            "current_dsl_version": self.dsl, "imported_dsl_version": version, "error": error,
        }  # fmt: skip
        return done(body, {"failed": 400, "pending": 202}.get(word, 200))

    def _check_dependencies(self, _request: Request, app_id: str) -> Response:
        there = {each.package.identifier for each in self.plugins.installed.values()}
        leaked = [each for each in self._wanted.get(app_id, []) if not there & set(map(str, each["value"].values()))]
        return done({"leaked_dependencies": [{**each, "current_identifier": ""} for each in [*leaked, *self.lacks]]})

    def _publish(self, _request: Request, app_id: str) -> Response:
        app = self._app(app_id)
        if app.mode not in WITH_WORKFLOW:
            raise refusal(400, "app_unavailable", "App unavailable, please check your app configurations.")
        app.published = True
        return done({"result": "success", "created_at": MADE})

    def _enable(self, request: Request, app_id: str) -> Response:
        app = self._app(app_id)
        app.enabled = request.json["enable_api"]
        return done(app.told(whole=True))

    def _change(self, request: Request, app_id: str) -> Response:
        """Whatever is not sent again is lost."""
        app, body = self._app(app_id), request.json
        if not body.get("name"):
            raise invalid("name: Field required")
        if len(body.get("description") or "") > LONGEST_DESCRIPTION:
            raise invalid("Description cannot exceed 400 characters.")
        look = {name: body.get(name) for name in ("name", "icon_type", "icon", "icon_background")}
        app.dsl = {**app.dsl, "app": {**app.dsl["app"], **look}}
        app.description, app.most = body.get("description") or "", body.get("max_active_requests")
        return done(app.told(whole=True))

    def _delete(self, _request: Request, app_id: str) -> Response:
        self._app(app_id)
        del self.apps[app_id]
        return nothing()

    def _new_key(self, _request: Request, app_id: str) -> Response:
        app = self._app(app_id)
        if len(app.keys) >= MOST_KEYS:
            raise invalid("Cannot create more than 10 API keys for this resource type.")
        token = f"app-{new_id()[-24:].replace('-', '0')}"
        app.keys.append({"id": new_id(), "type": "app", "token": token, "last_used_at": None, "created_at": MADE})
        return done(app.keys[-1], 201)

    def _app(self, app_id: str) -> ScriptedApp:
        if app_id not in self.apps:
            raise refusal(404, "not_found", "App not found")
        return self.apps[app_id]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
