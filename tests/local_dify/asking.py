"""Requests to a local Dify app, and what comes back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

ROUTES = {"workflow": "/v1/workflows/run", "chat": "/v1/chat-messages", "completion": "/v1/completion-messages"}
PING = {"event": "ping"}


@dataclass(frozen=True, slots=True)
class Dify:
    url: str
    keys: dict[str, str]

    def headers(self, app: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[app]}"}

    def post(self, app: str, path: str, body: Any) -> httpx.Response:
        return httpx.post(self.url + path, json=body, headers=self.headers(app), timeout=60, trust_env=False)

    def get(self, app: str, path: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=self.headers(app), timeout=60, trust_env=False)

    def whole(self, app: str, route: str, **body: Any) -> httpx.Response:
        return self.post(app, ROUTES[route], {"inputs": {}, "user": "u-1", "response_mode": "blocking", **body})

    def streamed(self, app: str, route: str, **body: Any) -> list[dict[str, Any]]:
        response = self.post(app, ROUTES[route], {"inputs": {}, "user": "u-1", "response_mode": "streaming", **body})
        assert response.status_code == 200, response.text
        return list(events(response.text.splitlines()))


def events(lines: Iterator[str] | list[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
        elif line == "event: ping":
            yield PING


def text(told: list[dict[str, Any]]) -> str:
    """What a user of the app would have read."""
    chunks = (event.get("answer") or event.get("data", {}).get("text") for event in told)
    return "".join(chunk for chunk in chunks if chunk)


def last_data(told: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return [event for event in told if event["event"] == name][-1]["data"]
