"""A Dify with a state of its own, and with the refusals of the real one: sessions, plugins, models.

Its answers have the shape of the recordings in `tests/recordings/dify` (Dify 1.12.1); `test_dify.py` compares them.
"""

import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.packaging.archive import write_archive
from scripts.packaging.shipped import shipped_files
from tests.servers.dify_answers import VERSION, Refusal, done
from tests.servers.dify_models import FormRoutes, ModelRoutes
from tests.servers.dify_plugins import Plugins
from tests.servers.dify_sessions import ADMIN_KEY, EMAIL, PASSWORD, WORKSPACE, Sessions
from tests.servers.dify_state import PluginRefusal, State, Validate, accept
from tests.servers.exchange import Request, Response
from tests.servers.http_server import HttpServer

__all__ = ["ADMIN_KEY", "EMAIL", "PASSWORD", "PROVIDER", "WORKSPACE", "PluginRefusal", "ScriptedDify", "our_package"]

ROOT = Path(__file__).parents[2]
PROVIDER = "localmodels/local_models/local_models"
PLUGIN = "/workspaces/current/plugin"
PROVIDERS = "/workspaces/current/model-providers"
ONE = rf"{PROVIDERS}/(?P<provider>[a-z0-9_-]+/[a-z0-9_-]+/[a-z0-9_-]+)"
PAGE = Response.of_text("<html><body>404 Not Found</body></html>", 404, "text/html")
BAD_GATEWAY = Response.of_text("<html><body>502 Bad Gateway</body></html>", 502, "text/html")
FEATURES = {
    "enable_marketplace": False,
    "max_plugin_package_size": 15728640,
    "plugin_installation_permission": {"plugin_installation_scope": "all", "restrict_to_marketplace_only": False},
}


class ScriptedDify(HttpServer):
    """`interrupt` is called before and after each call with its number, from 1; `calls` are those that came."""

    def __init__(self, validate: Validate = accept) -> None:
        super().__init__(self._take)
        self.sessions, self.plugins = Sessions(), Plugins()
        self.state = State(self.plugins, validate)
        self.version = VERSION
        self.features = FEATURES
        self.calls: list[str] = []
        self.interrupt: Callable[[int, str], None] = lambda number, when: None
        self.broken: list[int] = []  # numbers of the calls that the proxy answers, as it finds no Dify
        self._lock = threading.RLock()
        self._models, self._forms = ModelRoutes(self.state), FormRoutes(self.state)

    def with_plugin(self, package: Path) -> "ScriptedDify":
        self.plugins.put(package.read_bytes())
        return self

    def count(self, call: str) -> int:
        return self.calls.count(call)

    def changes(self) -> list[str]:
        """The calls that were meant to change something, sign-in aside."""
        asking = ("GET", "/login", "/refresh-token", "/installations/ids", "/validate")
        return [call for call in self.calls if not (call.startswith("GET") or call.endswith(asking))]

    def _take(self, request: Request) -> Response:
        path = request.path.partition("?")[0].removeprefix("/console/api")
        with self._lock:
            self.calls.append(f"{request.method} {path}")
            number = len(self.calls)
            self.interrupt(number, "before")
            answer = BAD_GATEWAY if number in self.broken else self._handled(request, path)
            self.interrupt(number, "after")
        return answer.but(headers={**answer.headers, "X-Version": self.version, "X-Env": "PRODUCTION"})

    def _handled(self, request: Request, path: str) -> Response:
        try:
            for method, pattern, handle, is_public in self._routes():
                if method == request.method and (found := re.fullmatch(pattern, path)):
                    if not is_public:
                        self.sessions.check(request)
                    return handle(request, **found.groupdict())
        except Refusal as refused:
            return refused.answer
        return PAGE

    def _routes(self) -> Sequence[tuple[str, str, Callable[..., Response], bool]]:
        models, forms, plugins = self._models, self._forms, self.plugins
        signed_in: list[tuple[str, str, Callable[..., Response]]] = [
            ("POST", "/workspaces/current", self._workspace),
            ("POST", f"{PLUGIN}/upload/pkg", plugins.upload),
            ("POST", f"{PLUGIN}/install/pkg", plugins.install),
            ("POST", f"{PLUGIN}/uninstall", self._uninstall),
            ("POST", f"{PLUGIN}/list/installations/ids", plugins.by_ids),
            ("GET", rf"{PLUGIN}/tasks/(?P<task_id>[^/]+)", plugins.task),
            ("GET", PROVIDERS, models.listed),
            ("GET", "/workspaces/current/default-model", models.default),
            ("POST", "/workspaces/current/default-model", models.set_default),
            ("GET", f"{ONE}/models", models.models),
            ("POST", f"{ONE}/models", models.old_style),
            ("DELETE", f"{ONE}/models", models.remove_from_list),
            ("POST", f"{ONE}/models/credentials/validate", models.validate),
            ("POST", f"{ONE}/models/credentials/switch", models.switch),
            ("POST", f"{ONE}/models/credentials", models.create),
            ("GET", f"{ONE}/models/credentials", models.read),
            ("PUT", f"{ONE}/models/credentials", models.change),
            ("DELETE", f"{ONE}/models/credentials", models.delete),
            ("POST", f"{ONE}/credentials/switch", forms.switch),
            ("POST", f"{ONE}/credentials", forms.create),
            ("GET", f"{ONE}/credentials", forms.read),
        ]
        public: list[tuple[str, str, Callable[..., Response]]] = [
            ("GET", "/system-features", lambda _: done(self.features)),
            ("POST", "/login", self.sessions.log_in),
            ("POST", "/refresh-token", self.sessions.renew),
        ]
        return [(*route, False) for route in signed_in] + [(*route, True) for route in public]

    def _uninstall(self, request: Request) -> Response:
        self.state.forget_forms(self.plugins.uninstall(request))
        return done({"success": True})

    def _workspace(self, request: Request) -> Response:
        return done(
            {"id": WORKSPACE, "name": "Admin's Workspace", "plan": "basic", "status": "normal", "role": "owner"}
        )


def our_package(path: Path, version: str = "", **more: str) -> Path:
    """The plugin of this repository, as a package; with another version if one is wanted, and with other files."""
    files: dict[str, Any] = shipped_files(ROOT)
    if version:
        manifest = files["manifest.yaml"].decode()
        files["manifest.yaml"] = re.sub(r"^version: .*$", f"version: {version}", manifest, flags=re.MULTILINE).encode()
    write_archive(path, {**files, **{name: text.encode() for name, text in more.items()}})
    return path
