"""Tool calls in all the shapes in which servers stream them: the two of `CALLS`, if not said otherwise."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.servers.bodies import call_delta, chat_completion, ollama_call, ollama_line, openai_stream
from tests.servers.exchange import Response

CALLS = [("get_weather", {"city": "Paris"}), ("get_time", {"zone": "CET"})]
WEATHER, TIME = '{"city": "Paris"}', '{"zone": "CET"}'


def openai_calls(*deltas: Mapping[str, Any] | str, finish: str = "tool_calls") -> Response:
    return Response.stream(openai_stream(*deltas, finish=finish))


def one_after_the_other() -> Response:
    """As OpenAI: id and name first, then the arguments in pieces."""
    return openai_calls(*_pieces(0, "call_a", "get_weather", WEATHER), *_pieces(1, "call_b", "get_time", TIME))


def interleaved() -> Response:
    """Only the index says to which call a piece belongs."""
    first, second = _pieces(0, "call_a", "get_weather", WEATHER), _pieces(1, "call_b", "get_time", TIME)
    return openai_calls(*(delta for pair in zip(first, second, strict=True) for delta in pair))


def without_index() -> Response:
    """A new id is a new call."""
    return openai_calls(*_pieces(None, "call_a", "get_weather", WEATHER), *_pieces(None, "call_b", "get_time", TIME))


def without_id() -> Response:
    return openai_calls(*_pieces(0, None, "get_weather", WEATHER), *_pieces(1, None, "get_time", TIME))


def with_one_id_for_both() -> Response:
    return openai_calls(*_pieces(0, "call", "get_weather", WEATHER), *_pieces(1, "call", "get_time", TIME))


def in_one_delta() -> Response:
    both = [call_delta(0, "call_a", "get_weather", WEATHER), call_delta(1, "call_b", "get_time", TIME)]
    return openai_calls({"tool_calls": [delta["tool_calls"][0] for delta in both]})


def in_one_delta_all_index_0() -> Response:
    both = [call_delta(0, "call_a", "get_weather", WEATHER), call_delta(0, "call_b", "get_time", TIME)]
    return openai_calls({"tool_calls": [delta["tool_calls"][0] for delta in both]})


def with_text_around() -> Response:
    calls = one_call_delta()
    return openai_calls("Let me look. ", calls, "Done.")


def finished_as_stop() -> Response:
    """Some servers do not say `tool_calls`."""
    return openai_calls(*_pieces(0, "call_a", "get_weather", WEATHER), finish="stop")


def cut_by_length() -> Response:
    """One call, and its arguments are not complete."""
    return openai_calls(*_pieces(0, "call_a", "get_weather", WEATHER)[:-1], finish="length")


def without_arguments() -> Response:
    """One call of a function that takes none: no arguments, where `{}` is meant."""
    return openai_calls(call_delta(0, "call_a", "get_time", ""))


def arguments_as_object() -> Response:
    """One call, with an object where OpenAI has a string."""
    delta = call_delta(0, "call_a", "get_weather")
    delta["tool_calls"][0]["function"]["arguments"] = {"city": "Paris"}
    return openai_calls(delta)


def in_a_plain_body() -> Response:
    calls = [one_call_delta()["tool_calls"][0]]
    return Response.of_json(chat_completion({"content": None, "tool_calls": calls}, "tool_calls"))


def one_call_delta() -> dict[str, Any]:
    return call_delta(0, "call_a", "get_weather", WEATHER)


# Ollama: a call is always whole


def ollama_calls_in_two_lines() -> Response:
    return _ollama(ollama_line(tool_calls=[call]) for call in _ollama_calls())


def ollama_calls_in_one_line() -> Response:
    return _ollama([ollama_line(tool_calls=_ollama_calls())])


def ollama_calls_all_index_0() -> Response:
    return _ollama(ollama_line(tool_calls=[call]) for call in _ollama_calls(indexes=(0, 0)))


def ollama_calls_without_id() -> Response:
    """Before version 0.13."""
    return _ollama([ollama_line(tool_calls=_ollama_calls(ids=("", "")))])


def ollama_calls_in_the_last_line() -> Response:
    return Response.ndjson([ollama_line(tool_calls=_ollama_calls(), done="stop")])


def ollama_text_after_calls() -> Response:
    return _ollama([ollama_line("Let me look. "), ollama_line(tool_calls=_ollama_calls()), ollama_line("Done.")])


def _pieces(index: int | None, call_id: str | None, name: str, arguments: str) -> list[dict[str, Any]]:
    head, *rest = arguments[:1], arguments[1:6], arguments[6:]
    return [call_delta(index, call_id, name, head), *(call_delta(index, arguments=piece) for piece in rest)]


def _ollama_calls(ids: tuple[str, str] = ("a", "b"), indexes: tuple[int, int] = (0, 1)) -> list[dict[str, Any]]:
    return [ollama_call(*call, call_id, index) for call, call_id, index in zip(CALLS, ids, indexes, strict=True)]


def _ollama(lines: Iterable[bytes]) -> Response:
    return Response.ndjson([*lines, ollama_line(done="stop")])
