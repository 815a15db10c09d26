"""Every event beside the one that Dify 1.12.1 sent: names and order, the keys of each, and the types of their values.

What differs on purpose stands first, and in docs/local-dify.md.
"""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.local_dify.asking import events

# The engine here is newer than Dify 1.12.1:
# the inputs of a model's node now tell what its prompt used, and the model's name;
PROMPT_INPUTS = ".data.inputs"
# and the text that stands in for a failed node is given when it fails, not when the end node begins.
TEXT_COMES_EARLIER = ("49_wf_error_default_value_streaming",)

RECORDINGS = Path(__file__).parents[1] / "recordings/dify"
QUESTION = "What is a local model?"

# recording: app, route, what is asked
STREAMS = {
    "46_completion_streaming": ("completion", "completion", {"inputs": {"query": QUESTION}}),
    "47_basic_chat_streaming": ("prompt_chat", "chat", {"query": QUESTION}),
    "48_wf_node_retry_streaming": ("retry", "workflow", {"inputs": {"question": "explode"}}),
    "49_wf_error_default_value_streaming": ("fallback", "workflow", {"inputs": {"question": "explode"}}),
    "50_wf_bare_streaming": ("bare", "workflow", {"inputs": {"question": QUESTION}}),
    "51_wf_qa_streaming": ("qa", "workflow", {"inputs": {"question": QUESTION}}),
    "53_wf_model_500_streaming": ("qa", "workflow", {"inputs": {"question": "explode"}}),
    "60_chat_streaming": ("chat", "chat", {"query": QUESTION}),
    "61_chat_multi_step_streaming": ("steps", "chat", {"query": QUESTION}),
    "62_chat_model_500_streaming": ("chat", "chat", {"query": "explode"}),
    "64_chat_knowledge_streaming": ("knowledge", "chat", {"query": "What is the default port of Ollama?"}),
    "68_chat_backend_lost_midstream_streaming": ("chat", "chat", {"query": "break"}),
}
WHOLE = {
    "46_completion_blocking": ("completion", "completion", {"inputs": {"query": QUESTION}}),
    "47_basic_chat_blocking": ("prompt_chat", "chat", {"query": QUESTION}),
    "50b_wf_bare_blocking": ("bare", "workflow", {"inputs": {"question": QUESTION}}),
    "51b_wf_qa_blocking": ("qa", "workflow", {"inputs": {"question": QUESTION}}),
    "53b_wf_model_500_blocking": ("qa", "workflow", {"inputs": {"question": "explode"}}),
    "60b_chat_blocking": ("chat", "chat", {"query": QUESTION}),
    "61b_chat_multi_step_blocking": ("steps", "chat", {"query": QUESTION}),
    "64b_chat_knowledge_blocking": ("knowledge", "chat", {"query": "What is the default port of Ollama?"}),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_has_difys_events_in_difys_order(dify, name):
    app, route, body = STREAMS[name]

    told, recorded = names(dify.streamed(app, route, **body)), names(recorded_stream(name))

    if name in TEXT_COMES_EARLIER:
        assert told != recorded
        told, recorded = sorted(told), sorted(recorded)
    assert told == recorded


@pytest.mark.parametrize("name", STREAMS)
def test_each_event_has_the_keys_and_types_of_difys(dify, name):
    app, route, body = STREAMS[name]

    assert shapes(dify.streamed(app, route, **body)) == shapes(recorded_stream(name))


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_answer_has_the_keys_and_types_of_difys(dify, name):
    app, route, body = WHOLE[name]

    response = dify.whole(app, route, **body)

    recorded = json.loads((RECORDINGS / f"{name}.json").read_text())["response"]
    assert response.status_code == recorded["status"]
    assert [*shape(response.json())] == [*shape(recorded["body"])]


def recorded_stream(name: str) -> list[dict[str, Any]]:
    return list(events((RECORDINGS / f"{name}.sse").read_text().splitlines()))


def names(told: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Pieces of one text count once, however a model cuts it."""
    return [name for name, _ in groupby(map(_name, told))]


def _name(event: dict[str, Any]) -> tuple[str, str, str]:
    data = event.get("data") or {}
    origin = data.get("from_variable_selector") or event.get("from_variable_selector") or []
    return event["event"], data.get("node_type") or ".".join(origin), data.get("status") or ""


def shapes(told: list[dict[str, Any]]) -> dict[tuple[str, str, str], list[str]]:
    return {_name(event): [line for line in shape(event) if not _is_newer(event, line)] for event in told}


def _is_newer(event: dict[str, Any], line: str) -> bool:
    return (event.get("data") or {}).get("node_type") == "llm" and line.startswith(f"{PROMPT_INPUTS}.")


def shape(value: Any, path: str = "") -> Iterator[str]:
    """Keys in their order, with types in place of values."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from shape(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value[:1]:
            yield from shape(inner, f"{path}[]")
    else:
        yield f"{path} {type(value).__name__}"
