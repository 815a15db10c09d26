import inspect
import json

import pytest
import requests

from tests.servers import End, Forever, Response, ScriptedServer, faults, streams, tool_streams
from tests.servers.bodies import ndjson, ollama_line, openai_stream, sse


def presets():
    """Every function of these modules that makes a response and needs no argument."""
    for module in (faults, streams, tool_streams):
        for name, preset in inspect.getmembers(module, inspect.isfunction):
            signature = inspect.signature(preset)
            needed = [
                each for each in signature.parameters.values() if each.default is each.empty and each.kind in NEEDED
            ]
            if signature.return_annotation is Response and not needed:
                yield pytest.param(preset(), id=f"{module.__name__.rpartition('.')[2]}.{name}")


NEEDED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@pytest.mark.parametrize("response", list(presets()))
def test_each_preset_can_be_served_as_often_as_one_likes(response):
    assert response.status == 200 or response.status >= 400
    if isinstance(response.steps, Forever) or response.end is not End.PROPER or response.delay:
        return
    with ScriptedServer(response) as server:
        for _ in range(2):
            assert requests.get(server.url, timeout=5).content == response.body


def test_an_ollama_line_is_written_as_go_writes_it():
    line = ollama_line("<a> & \u2028 \u0085 早")

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert "\\u003ca\\u003e \\u0026 \\u2028 \u0085 早".encode() in line
    assert json.loads(line)["message"]["content"] == "<a> & \u2028 \u0085 早"


def test_only_the_last_line_has_counts():
    assert json.loads(ollama_line("x")) == {
        "model": "m",
        "created_at": "2026-11-21T00:00:00Z",
        "message": {"role": "assistant", "content": "x"},
        "done": False,
    }
    assert json.loads(ollama_line(done="stop"))["eval_count"] == 3


def test_an_event_is_data_between_empty_lines():
    assert sse({"a": "早"}) == 'data: {"a":"早"}\n\n'.encode()
    assert sse("[DONE]", event="end") == b"event: end\ndata: [DONE]\n\n"
    assert ndjson({"a": 1}) == b'{"a":1}\n'


def test_a_whole_stream_has_role_text_finish_usage_and_end():
    *events, end = openai_stream("Hel", "lo")
    chunks = [json.loads(event.removeprefix(b"data: ")) for event in events]

    assert end == b"data: [DONE]\n\n"
    assert [chunk["choices"][0]["delta"] for chunk in chunks[:-1]] == [
        {"role": "assistant", "content": None},
        {"content": "Hel"},
        {"content": "lo"},
        {},
    ]
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["choices"] == []
