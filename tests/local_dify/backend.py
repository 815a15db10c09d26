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
    answers = {**ANSWERS, "stall": _stalled(question)}
    return answers.get(question.split()[-1], Response.stream(openai_stream(*_words(question))))


def _stalled(question: str) -> Response:
    role, *rest = openai_stream(*_words(question))
    return Response.stream([role, STALL, *rest])


def _words(question: str) -> Iterator[str]:
    yield from ("Local", " answer", " about:")
    yield from (f" {word}" for word in question.split())


def _opening(*words: str) -> Iterator[dict]:
    yield openai_chunk({"role": "assistant", "content": None})
    yield from map(openai_chunk, words)


ANSWERS = {
    "explode": Response.of_json(BROKEN, 500),
    "break": Response.stream([*map(sse, _opening("Local", " answer"))], end=End.RESET),
    # Not for ever: a plugin is not told of a stop, and reads to the end.
    "long": Response.stream([step for piece in openai_stream(*["on "] * LONG) for step in (piece, 0.02)]),
    "think": Response.stream(openai_stream({"reasoning_content": "Let me "}, {"reasoning_content": "see."}, "So.")),
}
