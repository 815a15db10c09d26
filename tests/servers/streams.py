"""Streams with the oddities of real servers, and streams that break. The plain ones are in `bodies`."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.servers.bodies import (
    DONE,
    chat_completion,
    ndjson,
    ollama_line,
    ollama_stream,
    openai_chunk,
    openai_stream,
    sse,
    usage_chunk,
)
from tests.servers.exchange import End, Forever, Response

BOM = b"\xef\xbb\xbf"
# Line separators to Python's str.splitlines, ordinary characters in JSON.
SEPARATORS = "one\u0085two\u2028three\u2029four\x0b\x1ffive"
REASONING = ("I should ", "say hello.")


def openai(*deltas: Mapping[str, Any] | str) -> Response:
    return Response.stream(openai_stream(*deltas))


def ollama(*contents: str) -> Response:
    return Response.ndjson(ollama_stream(*contents))


# What SSE allows


def crlf() -> Response:
    return _rewritten(lambda piece: piece.replace(b"\n", b"\r\n"))


def decorated() -> Response:
    """`event:`, `id:`, `retry:` lines and comments around each message."""
    return _rewritten(lambda piece: b": ping\n\nevent: message\nid: 1\nretry: 1000\n" + piece + b":\n\n")


def no_space_after_colon() -> Response:
    return _rewritten(lambda piece: piece.replace(b"data: ", b"data:", 1))


def byte_order_mark() -> Response:
    first, *rest = openai_stream("Hello", " world")
    return Response.stream([BOM + first, *rest])


def separators_in_text() -> Response:
    return openai(SEPARATORS)


def separators_in_ollama_text() -> Response:
    return ollama(SEPARATORS)


# Other answers than the one expected


def json_instead_of_sse() -> Response:
    return Response.of_json(chat_completion({"content": "Hello world"}))


def one_ollama_object() -> Response:
    """A whole answer at once, without a line feed at its end."""
    line = ollama_line("Hello world", done="stop").rstrip(b"\n")
    return Response(200, [line], {"Content-Type": "application/json; charset=utf-8"})


def usage_without_choices() -> Response:
    """The key is missing where OpenAI has an empty list."""
    usage = {key: value for key, value in usage_chunk().items() if key != "choices"}
    pieces = [sse(openai_chunk("Hello")), sse(openai_chunk(finish="stop")), sse(usage), DONE]
    return Response.stream(pieces)


def no_done_mark() -> Response:
    """The finish reason came, [DONE] does not: complete all the same."""
    return Response.stream(openai_stream("Hello")[:-1])


# Errors in mid-stream


def lmstudio_error() -> Response:
    message = "The model has crashed without additional information."
    error = {"error": {"message": message}, "message": message}
    return Response.stream([sse(openai_chunk("Hello")), sse(error, event="error")])


def llamacpp_error() -> Response:
    error = {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}
    return Response.stream([sse(openai_chunk("Hello")), sse({"error": error})])


def vllm_error() -> Response:
    error = {"message": "EngineCore died", "type": "InternalServerError", "param": None, "code": 500}
    return Response.stream([sse(openai_chunk("Hello")), sse({"error": error}), DONE])


def error_as_text() -> Response:
    return Response.stream([sse(openai_chunk("Hello")), sse({"error": "model unloaded"})])


def ollama_error() -> Response:
    message = "an error was encountered while running the model: unexpected EOF"
    return Response.ndjson([ollama_line("Hello"), ndjson({"error": message})])


# Streams that break, hang, or never end


def openai_ends_early(end: End = End.PROPER) -> Response:
    """No finish reason and no [DONE]. With `End.CLOSE` and `End.RESET` HTTP shows it too."""
    return Response.stream([sse(openai_chunk("Hello")), sse(openai_chunk(" wor"))], end=end)


def ollama_ends_early(end: End = End.PROPER) -> Response:
    return Response.ndjson([ollama_line("Hello"), ollama_line(" wor")], end)


def cut_in_a_message(end: End = End.CLOSE) -> Response:
    return Response.stream([sse(openai_chunk("Hello")), sse(openai_chunk(" world"))[:40]], end=end)


def openai_falls_silent() -> Response:
    return Response.stream([sse(openai_chunk("Hello"))], end=End.HANG)


def ollama_falls_silent() -> Response:
    return Response.ndjson([ollama_line("Hello")], End.HANG)


def never_answers() -> Response:
    """The request is taken, and not even a status line comes."""
    return Response(delay=float("inf"))


def openai_trickles(pause: float = 0.05) -> Response:
    return Response.stream(Forever((sse(openai_chunk("word ")), pause)))


def ollama_trickles(pause: float = 0.05) -> Response:
    return Response.ndjson(Forever((ollama_line("word "), pause)))


def pings_forever(pause: float = 0.05) -> Response:
    """Comments keep the connection busy, and nothing is said."""
    return Response.stream(Forever((b":\n\n", pause)))


# Thinking


def reasoning(field: str = "reasoning_content") -> Response:
    """In a field of its own, `reasoning_content` or `reasoning`."""
    return openai(*({field: text} for text in REASONING), "Hello")


def reasoning_and_content_in_one_chunk(field: str = "reasoning_content") -> Response:
    return openai({field: REASONING[0]}, {field: REASONING[1], "content": "Hel"}, "lo")


def ollama_thinking() -> Response:
    lines = [*(ollama_line(thinking=text) for text in REASONING), ollama_line("Hello"), ollama_line(done="stop")]
    return Response.ndjson(lines)


def ollama_thinking_and_content_in_one_line() -> Response:
    return Response.ndjson([ollama_line("Hel", thinking="Say hello."), ollama_line("lo", done="stop")])


def inline_thinking(opening: str = "<think>", closing: str = "</think>") -> Response:
    """The marks come letter by letter."""
    return openai(*opening, *REASONING, *closing, "\n\nHello")


def never_closed_thinking() -> Response:
    return openai("<think>", *REASONING)


def _rewritten(rewrite: Callable[[bytes], bytes]) -> Response:
    return Response.stream([rewrite(piece) for piece in openai_stream("Hello", " world")])
