"""An Ollama whose models come and go while a test runs, for what is brought into Dify."""

from typing import Any

from tests.servers.exchange import Request, Response
from tests.servers.http_server import HttpServer

CHAT, TOOLS, EMBEDS = ("completion",), ("completion", "tools"), ("embedding",)
NOT_FOUND = Response.of_text("404 page not found", 404)


class ChangingOllama(HttpServer):
    """`models` are names with their capabilities; `loaded` are those in memory; `broken` cannot be shown."""

    def __init__(self, **models: tuple[str, ...]) -> None:
        super().__init__(self._take)
        self.models = {name.replace("__", ":"): able for name, able in models.items()}
        self.loaded: list[str] = []
        self.context = 4096  # of those in memory
        self.broken: set[str] = set()
        self.parameters: dict[str, str] = {}  # of Modelfiles, such as `num_ctx 16384`
        self.key = ""

    def _take(self, request: Request) -> Response:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return Response.of_json({"error": "unauthorized"}, 401)
        if request.path == "/api/show":
            return self._show(request.json["model"])
        answers: dict[str, Any] = {
            "/api/version": {"version": "0.33.0"},
            "/api/tags": {"models": [{"name": name, "model": name} for name in self.models]},
            "/api/ps": {"models": [{"name": name, "context_length": self.context} for name in self.loaded]},
        }
        return Response.of_json(answers[request.path]) if request.path in answers else NOT_FOUND

    def _show(self, name: str) -> Response:
        if name in self.broken:
            return Response.of_json({"error": "the model's files are damaged"}, 500)
        if name not in self.models:
            return Response.of_json({"error": f"model '{name}' not found"}, 404)
        info = {"general.architecture": "qwen3", "qwen3.context_length": 32768, "qwen3.embedding_length": 1024}
        return Response.of_json(
            {
                "capabilities": list(self.models[name]),
                "model_info": info,
                "details": {},
                "parameters": self.parameters.get(name, ""),
            }
        )
