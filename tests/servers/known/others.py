"""Servers the plugin has no name for, and some that are no model servers though they answer like one."""

from tests.servers.exchange import Response
from tests.servers.known.stand_in import StandIn, models

NOT_FOUND = Response.of_text("404 page not found", 404)

GENERIC = StandIn(
    "some OpenAI-compatible server", "openai", "", {"/v1/models": models({"id": "m", "owned_by": "me"})},
    Response.of_json({"detail": "Not Found"}, 404), questions=5,
)  # fmt: skip
BARE_LIST = GENERIC.but(title="a server that sends the bare list", pages={"/v1/models": [{"id": "m"}]})
NO_MODELS = GENERIC.but(
    title="a server without models", pages={"/v1/models": {"object": "list", "data": None}}, questions=9
)
# Written with Ollama's own web framework, and with a version at the same route.
LLAMA_SWAP = StandIn(
    "llama-swap", "openai", "",
    {
        "/api/version": {"version": "178", "commit": "abc", "build_date": "2026-01-01"},
        "/v1/models": models({"id": "m", "owned_by": "llama-swap"}), "/health": Response.of_text("OK"),
    },
    NOT_FOUND, questions=5,
)  # fmt: skip
OPEN_WEBUI = StandIn(
    "Open WebUI", "", "", {"/api/version": {"version": "0.6.40"}, "/health": {"status": True}},
    Response.of_text("<!doctype html><title>Open WebUI</title>", 200, "text/html"), questions=10,
)  # fmt: skip
WEB_PAGE = StandIn(
    "a web page", "", "", {}, Response.of_text("<html><title>Welcome</title></html>", 200, "text/html"), 10
)
