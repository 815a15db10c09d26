"""What a real Ollama answered, behind one address: each model is described as it was recorded."""

from collections.abc import Mapping

from tests.servers import Delivery, Request, Response, ScriptedServer, by_path
from tests.servers.replay import recordings

RECORDED = recordings("ollama")
SHOWN = {"tinychat": "show_chat", "tinyembed": "show_embedding"}


def recorded(name: str) -> Response:
    return RECORDED[name].response(Delivery())


def show(request: Request) -> Response:
    return recorded(SHOWN.get(request.json["model"].partition(":")[0], "show_missing"))


def ollama(more: Mapping[str, object] | None = None) -> ScriptedServer:
    """`more` are further paths, or other answers for these."""
    answers = {
        "/api/version": recorded("version"),
        "/api/tags": recorded("tags"),
        "/api/ps": recorded("ps_loaded"),
        "/api/show": show,
        "/api/chat": recorded("chat_length_stream"),
        "/v1/models": recorded("v1_models"),
    }
    return ScriptedServer(by_path({**answers, **(more or {})}))
