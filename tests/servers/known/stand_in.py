"""A server played by what it answers to each path, and what it should be taken for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.exchange import Request, Response
from tests.servers.scripted import ScriptedServer, by_path

CHAT = "/v1/chat/completions"


@dataclass(frozen=True)
class StandIn:
    """`questions` is how many a fingerprint of it may take; `port` is where the real one listens unless told otherwise."""

    title: str
    kind: str
    flavour: str
    pages: Mapping[str, Any]
    otherwise: Response
    questions: int
    headers: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    prefix: str = ""
    port: int = 0

    def serve(self, **more: Any) -> ScriptedServer:
        """`more` are further pages, by path."""
        return ScriptedServer(self.script(more))

    def script(self, more: Mapping[str, Any] | None = None):
        answer = by_path({path: _page(page) for path, page in {**self.pages, **(more or {})}.items()}, self.otherwise)
        return lambda request: self._signed(answer(request))

    def but(self, **changes: Any) -> "StandIn":
        return replace(self, **changes)

    def _signed(self, response: Response) -> Response:
        """Every answer of a server carries its headers."""
        return response.but(headers={**response.headers, **self.headers})


def needs_key(page: Any, refusal: Response, key: str = "k") -> Any:
    """The page, for who has the key."""

    def answer(request: Request) -> Response:
        sent = request.headers.get("authorization", "")
        return _page(page) if sent == f"Bearer {key}" else refusal

    return answer


def _page(page: Any) -> Any:
    return Response.of_json(page) if isinstance(page, (dict, list)) else page


def models(*entries: Mapping[str, Any], **common: Any) -> dict[str, Any]:
    """/v1/models."""
    return {
        "object": "list",
        "data": [{"object": "model", "created": 1760000000, **common, **each} for each in entries],
    }
