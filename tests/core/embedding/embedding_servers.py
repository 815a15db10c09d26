"""Servers that embed as real ones do, with their refusals and their faults.

The vector of a text is `[1, its number, its length]`; the number stands in the text, as in “text 7”.
"""

import base64
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

from provider.core.backends import Backend, open_backend
from provider.core.embedding import EmbeddingRequest, Embeddings, embed
from provider.core.server import Server, Timeouts
from tests.servers import Request, Response, ScriptedServer

QUICK = Timeouts(connect=2, first_token=5, idle=5, total=10)

type Vectors = Sequence[Any]
type Answer = Callable[[dict[str, Any]], Response]


def texts(count: int) -> tuple[str, ...]:
    return tuple(f"text {number}" for number in range(count))


def vector(text: str) -> list[float]:
    number = re.search(r"\d+", text)
    return [1.0, float(number[0]) if number else 0.0, float(len(text))]


def server(answer: Answer) -> ScriptedServer:
    """Gets each request's body."""
    return ScriptedServer(lambda request: answer(request.json))


def backend(server: ScriptedServer, kind: str = "openai", flavour: str = "", timeouts: Timeouts = QUICK) -> Backend:
    return open_backend(Server(server.url, kind, timeouts=timeouts), flavour)


def embedded(
    server: ScriptedServer,
    inputs: Sequence[Any],
    kind: str = "openai",
    flavour: str = "",
    timeouts: Timeouts = QUICK,
    **asked: Any,
) -> Embeddings:
    return embed(backend(server, kind, flavour, timeouts), EmbeddingRequest("m", tuple(inputs), **asked))


def numbers(found: Embeddings) -> list[int]:
    """The number of each text, read from its vector."""
    return [int(vector[1]) for vector in found.vectors]


def sizes(server: ScriptedServer) -> list[int]:
    """How many texts each request had."""
    return [len(inputs(request)) for request in server.requests]


def inputs(request: Request) -> list[Any]:
    return request.json.get("inputs") or request.json["input"]


def openai(vectors: Vectors, tokens: int | None = None) -> Response:
    data = [{"object": "embedding", "index": at, "embedding": each} for at, each in enumerate(vectors)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens} if tokens else {}
    return Response.of_json({"object": "list", "data": data, "model": "m", "usage": usage})


def well(body: dict[str, Any]) -> Response:
    """The answer of a server without a fault; base64 where that is asked for."""
    vectors = [vector(text) for text in body["input"]]
    encoded = [in_base64(each) for each in vectors] if body.get("encoding_format") == "base64" else vectors
    return openai(encoded, tokens=sum(len(text.split()) for text in body["input"]))


def in_base64(numbers: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def but(refuses: Callable[[dict[str, Any]], Response | None]) -> Answer:
    """A server that answers well, unless it has a reason to refuse."""
    return lambda body: refuses(body) or well(body)


def error(status: int, message: str) -> Response:
    return Response.of_json({"error": {"message": message, "type": "error", "code": status}}, status)
