"""The model server behind the local Dify app: what it does depends on the last word of the question."""

from collections.abc import Iterator

from tests.servers.bodies import openai_chunk, openai_stream, sse
from tests.servers.exchange import End, Request, Response
from tests.servers.scripted import ScriptedServer, by_path

MODELS = Response.of_json({"object": "list", "data": [{"id": "fake-chat", "object": "model", "owned_by": "tests"}]})
BROKEN = {"error": {"message": "backend exploded", "type": "server_error"}}
STALL = 21.0  # seconds
LONG = 300  # words


def model_server() -> ScriptedServer:
    return ScriptedServer(by_path({"/v1/models": MODELS, "/v1/chat/completions": _answer}))


def _answer(request: Request) -> Response:
    messages = request.json["messages"]
    question = messages[-1]["content"]
    if "COMPLEX" in messages[0]["content"]:
        return Response.stream(openai_stream("COMPLEX"))
    match question.split()[-1]:
        case "explode":
            return Response.of_json(BROKEN, 500)
        case "break":
            return Response.stream([*map(sse, _opening("Local", " answer"))], end=End.RESET)
        case "long":  # not for ever: a plugin is not told of a stop, and reads to the end
            return Response.stream([step for piece in openai_stream(*["on "] * LONG) for step in (piece, 0.02)])
        case "stall":
            role, *rest = openai_stream(*_words(question))
            return Response.stream([role, STALL, *rest])
    return Response.stream(openai_stream(*_words(question)))


def _words(question: str) -> Iterator[str]:
    yield from ("Local", " answer", " about:")
    yield from (f" {word}" for word in question.split())


def _opening(*words: str) -> Iterator[dict]:
    yield openai_chunk({"role": "assistant", "content": None})
    yield from map(openai_chunk, words)
