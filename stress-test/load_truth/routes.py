"""What a path asks for: an answer in which shape, a refusal, or one of the small questions beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from load_truth.dify_shapes import Chat, Workflow
from load_truth.plan import Plan
from load_truth.shapes import Ollama, OpenAI, Shape

if TYPE_CHECKING:
    from load_truth.server import TruthServer

THROTTLED = "Too many requests. Please try again later. The current maximum concurrent requests allowed for app is 1."
REFUSALS: dict[str, tuple[int, bytes]] = {
    "http500": (500, b'{"error": {"message": "out of memory"}}'),
    "http429": (429, b'{"error": {"message": "slow down"}}'),
    "http401": (401, b'{"code": "unauthorized", "message": "Access token is invalid", "status": 401}'),
    "throttled": (400, json.dumps({"code": "invalid_param", "message": THROTTLED, "status": 400}).encode()),
    "html": (200, b"<html><body>Welcome to nginx!</body></html>"),
}
FORM = [{"text-input": {"variable": "query", "label": "query", "required": True, "max_length": 1000, "options": []}}]


def shape(path: str, plan: Plan) -> Shape:
    """By the route, as the servers have them."""
    if path.startswith("/v1/workflows"):
        return Workflow(plan)
    if path in ("/v1/chat-messages", "/v1/completion-messages"):
        return Chat(plan)
    return Ollama(plan) if path.startswith("/api/") else OpenAI(plan)


def streams(path: str, body: Any) -> bool:
    """Dify and OpenAI answer whole unless told otherwise, Ollama the other way round."""
    if "response_mode" in body:
        return body["response_mode"] == "streaming"
    return bool(body.get("stream", path.startswith("/api/")))


def refusal(plan: Plan) -> tuple[int, bytes] | None:
    return REFUSALS.get(plan.fault)


def prompt(body: Any) -> str:
    """What was asked, for tests that look at it."""
    messages = body.get("messages") or [{}]
    return str(body.get("query") or body.get("inputs") or messages[-1].get("content") or body.get("prompt") or "")


def fixed(method: str, path: str, server: TruthServer) -> bytes | None:
    """The answers that are no load."""
    if path == "/_truth":
        return server.told()
    if method == "POST" and path.endswith("/stop"):
        server.counts["stops"] += 1
        return b'{"result": "success"}'
    answers: dict[str, Any] = {
        "/v1/info": {"name": "truth", "mode": "workflow", "description": "a load test's truth server"},
        "/v1/parameters": {"user_input_form": FORM},
        "/v1/models": {"object": "list", "data": [{"id": "truth", "object": "model"}]},
        "/api/version": {"version": "0.33.0"},
        "/api/tags": {"models": [{"name": "truth", "model": "truth"}]},
    }
    return json.dumps(answers[path]).encode() if method == "GET" and path in answers else None
