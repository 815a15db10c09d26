"""A server that answers what a test says: by a function, by path, or one response after the other."""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

from tests.servers.exchange import Request, Response, Script
from tests.servers.http_server import LLAMACPP_KEEP_ALIVE, HttpServer, KeepAlive

__all__ = ["LLAMACPP_KEEP_ALIVE", "KeepAlive", "ScriptedServer", "by_path", "in_turn"]

type Answer = Script | Response | Iterable[Response]  # a list is gone through in turn; its last response stays

NOT_FOUND = Response.of_text("404 page not found", 404)


class ScriptedServer(HttpServer):
    def __init__(self, *answer: Answer, keep_alive: KeepAlive | None = None) -> None:
        """Either one answer of any form, or several responses to be given in turn."""
        super().__init__(_script(answer[0] if len(answer) == 1 else answer), keep_alive)


def in_turn(responses: Iterable[Response]) -> Script:
    """Each request gets the next one; the last one stays."""
    waiting, lock = list(responses), Lock()

    def answer(request: Request) -> Response:
        with lock:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return answer


def by_path(answers: Mapping[str, Answer], otherwise: Answer = NOT_FOUND) -> Script:
    """Keys as `/api/chat` or `POST /api/chat`."""
    scripts: dict[str, Script] = {path: _script(answer) for path, answer in answers.items()}
    fallback = _script(otherwise)

    def answer(request: Request) -> Response:
        return next((scripts[key] for key in request.keys if key in scripts), fallback)(request)

    return answer


def _script(answer: Any) -> Script:
    if isinstance(answer, Response):
        return lambda _: answer
    return answer if callable(answer) else in_turn(answer)
