"""A Dify with apps and knowledge: imports, published workflows, keys, datasets, and what Dify 1.12.1 refuses there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.servers.dify import ScriptedDify
from tests.servers.dify_answers import done, invalid, new_id, nothing, refusal
from tests.servers.exchange import Request, Response

OWN_DSL = (0, 5)
MOST_KEYS = 10
WITH_WORKFLOW = ("workflow", "advanced-chat")
ID = r"(?P<app_id>[0-9a-f-]+)"


@dataclass
class ScriptedApp:
    id: str
    dsl: dict[str, Any]
    enabled: bool = True
    published: bool = False
    description: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)

    @property
    def mode(self):
        return self.dsl["app"]["mode"]

    def told(self):
        app = self.dsl["app"]
        return {
            "id": self.id, "name": app["name"], "mode": self.mode, "description": self.description,
            "icon_type": "emoji", "icon": app["icon"], "icon_background": app["icon_background"],
            "use_icon_as_answer_icon": False, "workflow": {"id": new_id()} if self.published else None,
            "enable_api": self.enabled,
        }  # fmt: skip


class DifyWithApps(ScriptedDify):
    """`apps` by id, `datasets` by id: name and documents. `dataset_keys` are the workspace's."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.apps: dict[str, ScriptedApp] = {}
        self.pending: dict[str, str] = {}
        self.datasets: dict[str, dict[str, Any]] = {}
        self.dataset_keys: list[dict[str, Any]] = []
        self.refuses: dict[str, str] = {}  # app name → Dify's word when it is imported
        self.polls_until_indexed = 2

    def by_title(self) -> dict[str, ScriptedApp]:
        return {app.dsl["app"]["name"]: app for app in self.apps.values()}

    def _routes(self):
        console: list[tuple[str, str, Callable[..., Response]]] = [
            ("GET", "/apps", self._listed),
            ("POST", "/apps/imports", self._import),
            ("POST", rf"/apps/imports/{ID}/confirm", self._confirm),
            ("GET", rf"/apps/imports/{ID}/check-dependencies", lambda *_, **__: done({"leaked_dependencies": []})),
            ("GET", f"/apps/{ID}", lambda _, app_id: done(self._app(app_id).told())),
            ("PUT", f"/apps/{ID}", self._describe),
            ("DELETE", f"/apps/{ID}", self._delete),
            ("POST", f"/apps/{ID}/workflows/publish", self._publish),
            ("POST", f"/apps/{ID}/api-enable", self._enable),
            ("GET", f"/apps/{ID}/api-keys", lambda _, app_id: done({"data": self._app(app_id).keys})),
            ("POST", f"/apps/{ID}/api-keys", self._new_key),
            ("GET", "/datasets/api-keys", lambda _: done({"data": self.dataset_keys})),
            ("POST", "/datasets/api-keys", self._new_dataset_key),
            ("DELETE", f"/datasets/api-keys/{ID}", self._drop_dataset_key),
        ]
        service: list[tuple[str, str, Callable[..., Response]]] = [
            ("GET", "/v1/datasets", self._datasets),
            ("POST", "/v1/datasets", self._create_dataset),
            ("DELETE", f"/v1/datasets/{ID}", self._delete_dataset),
            ("POST", f"/v1/datasets/{ID}/document/create-by-text", self._create_document),
            ("GET", f"/v1/datasets/{ID}/documents", self._documents),
        ]
        ours = [(*route, False) for route in console] + [(*route, True) for route in service]
        return [*ours, *super()._routes()]

    def _listed(self, request: Request) -> Response:
        query = dict(re.findall(r"(\w+)=(\d+)", request.path))
        page, limit = int(query["page"]), int(query["limit"])
        if limit > 100:
            raise invalid("limit must be at most 100")
        newest_first = list(reversed(self.apps.values()))
        shown = newest_first[(page - 1) * limit : page * limit]
        more = len(newest_first) > page * limit
        data = [app.told() for app in shown]
        return done({"page": page, "limit": limit, "total": len(self.apps), "has_more": more, "data": data})

    def _import(self, request: Request) -> Response:
        text, instead = request.json["yaml_content"], request.json.get("app_id") or ""
        dsl = yaml.safe_load(text)
        if not dsl.get("app"):
            return self._told_import("failed", error="Missing app data in YAML content", status=400)
        if word := self.refuses.get(dsl["app"]["name"]):
            return self._told_import("failed", error=word, status=400)
        version = tuple(map(int, dsl["version"].split(".")[:2]))
        if version > OWN_DSL:
            waiting = new_id()
            self.pending[waiting] = text
            return self._told_import("pending", status=202, number=waiting)
        return self._imported(dsl, instead)

    def _confirm(self, _request: Request, app_id: str) -> Response:
        return self._imported(yaml.safe_load(self.pending.pop(app_id)), "")

    def _imported(self, dsl: dict[str, Any], instead: str) -> Response:
        if instead:
            app = self._app(instead)
            if app.mode not in WITH_WORKFLOW or dsl["app"]["mode"] != app.mode:
                return self._told_import(
                    "failed", error="Only workflow or advanced chat apps can be overwritten", status=400
                )
            app.dsl = dsl
        else:
            app = ScriptedApp(new_id(), dsl)
            self.apps[app.id] = app
        app.description = dsl["app"]["description"]
        return self._told_import("completed", app_id=app.id, mode=app.mode)

    def _told_import(self, status_word, *, error="", status=200, app_id=None, mode=None, number="") -> Response:
        body = {
            "id": number or new_id(), "status": status_word, "app_id": app_id, "app_mode": mode,
            "current_dsl_version": "0.5.0", "imported_dsl_version": "0.5.0", "error": error,
        }  # fmt: skip
        return done(body, status)

    def _publish(self, _request: Request, app_id: str) -> Response:
        app = self._app(app_id)
        if app.mode not in WITH_WORKFLOW:
            raise refusal(400, "app_unavailable", "App unavailable, please check your app configurations.")
        app.published = True
        return done({"result": "success", "created_at": 1795221097})

    def _enable(self, request: Request, app_id: str) -> Response:
        app = self._app(app_id)
        app.enabled = request.json["enable_api"]
        return done(app.told())

    def _describe(self, request: Request, app_id: str) -> Response:
        app, body = self._app(app_id), request.json
        if not {"name", "icon", "description"} <= body.keys():
            raise invalid("name: Field required")
        app.description = body["description"]
        return done(app.told())

    def _delete(self, _request: Request, app_id: str) -> Response:
        self._app(app_id)
        del self.apps[app_id]
        return nothing()

    def _new_key(self, _request: Request, app_id: str) -> Response:
        app = self._app(app_id)
        if len(app.keys) >= MOST_KEYS:
            raise invalid("Cannot create more than 10 API keys for this resource type.")
        app.keys.append({"id": new_id(), "type": "app", "token": f"app-{new_id()[-24:].replace('-', '0')}"})
        return done(app.keys[-1], 201)

    def _new_dataset_key(self, _request: Request) -> Response:
        self.dataset_keys.append({"id": new_id(), "type": "dataset", "token": f"dataset-{new_id()[-8:]}"})
        return done(self.dataset_keys[-1])

    def _drop_dataset_key(self, _request: Request, app_id: str) -> Response:
        self.dataset_keys = [key for key in self.dataset_keys if key["id"] != app_id]
        return nothing()

    def _with_dataset_key(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in {key["token"] for key in self.dataset_keys}:
            raise refusal(401, "unauthorized", "Access token is invalid")

    def _datasets(self, request: Request) -> Response:
        self._with_dataset_key(request)
        keyword = dict(re.findall(r"(\w+)=([^&]*)", request.path)).get("keyword", "")
        found = [{"id": each, "name": its["name"]} for each, its in self.datasets.items() if keyword in its["name"]]
        return done({"data": found, "has_more": False, "limit": 100, "total": len(found), "page": 1})

    def _create_dataset(self, request: Request) -> Response:
        self._with_dataset_key(request)
        name = request.json["name"]
        if len(name) > 40:
            raise invalid("Name must be between 1 to 40 characters.")
        if any(each["name"] == name for each in self.datasets.values()):
            raise refusal(
                409, "dataset_name_duplicate", "The dataset name already exists. Please modify your dataset name."
            )
        made = new_id()
        self.datasets[made] = {"name": name, "documents": []}
        return done({"id": made, "name": name})

    def _delete_dataset(self, request: Request, app_id: str) -> Response:
        self._with_dataset_key(request)
        if app_id not in self.datasets:
            raise refusal(404, "not_found", "Dataset not found.")
        del self.datasets[app_id]
        return nothing()

    def _create_document(self, request: Request, app_id: str) -> Response:
        self._with_dataset_key(request)
        document = {"id": new_id(), "name": request.json["name"], "text": request.json["text"], "looks": 0}
        self.datasets[app_id]["documents"].append(document)
        return done({"document": {"id": document["id"], "indexing_status": "indexing"}, "batch": "1"})

    def _documents(self, request: Request, app_id: str) -> Response:
        self._with_dataset_key(request)
        told = []
        for document in self.datasets[app_id]["documents"]:
            document["looks"] += 1
            status = "completed" if document["looks"] > self.polls_until_indexed else "indexing"
            told.append({"id": document["id"], "name": document["name"], "indexing_status": status, "error": None})
        return done({"data": told, "has_more": False, "limit": 20, "total": len(told), "page": 1})

    def _app(self, app_id: str) -> ScriptedApp:
        if app_id not in self.apps:
            raise refusal(404, "not_found", "App not found")
        return self.apps[app_id]
