import json
from copy import deepcopy

import pytest

from scripts.plugin_host.chunk_rules import USAGE
from scripts.plugin_host.daemon_rules import LONGEST_LINE, error_violations, read_line, violations

USAGE_OF_7 = dict.fromkeys(USAGE, "0") | {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7, "latency": 0.1}
CALL = {"id": "a", "type": "function", "function": {"name": "look", "arguments": '{"at": "it"}'}}
LABEL = {"en_US": "M"}
SCHEMA = {
    "model": "m",
    "label": LABEL,
    "model_type": "llm",
    "fetch_from": "customizable-model",
    "features": ["vision"],
    "parameter_rules": [
        {"name": "temperature", "use_template": "temperature"},
        {"name": "seed", "type": "int", "label": LABEL, "default": 1, "options": ["", "x"]},
    ],
}
EMBEDDING_USAGE = dict.fromkeys(("tokens", "total_tokens", "unit_price", "price_unit", "total_price", "latency"), 1)
DOCUMENT = {"index": 0, "text": "t", "score": 0.5}
CREDENTIALS = {"result": True, "credentials": {"k": "v"}}
REPLIES = {
    "validate_provider_credentials": CREDENTIALS,
    "validate_model_credentials": CREDENTIALS,
    "get_ai_model_schemas": {"model_schema": SCHEMA},
    "get_llm_num_tokens": {"num_tokens": 3},
    "get_text_embedding_num_tokens": {"num_tokens": [3, 0]},
    "invoke_text_embedding": {"model": "m", "embeddings": [[0.5, 1]], "usage": {**EMBEDDING_USAGE, "currency": "USD"}},
    "invoke_multimodal_embedding": {"model": "m", "embeddings": [], "usage": {**EMBEDDING_USAGE, "currency": "USD"}},
    "invoke_rerank": {"model": "m", "docs": [DOCUMENT]},
    "invoke_multimodal_rerank": {"model": "m", "docs": []},
    "invoke_speech2text": {"result": ""},
    "invoke_tts": {"result": "00ff"},
    "get_tts_model_voices": {"voices": [{"name": "n", "value": "v"}]},
    "invoke_moderation": {"result": False},
}


def chunk(text="", index=0, calls=(), usage=None, **delta):
    message = {"role": "assistant", "content": text, "tool_calls": list(calls)}
    return {"model": "m", "delta": {"index": index, "message": message, "usage": usage, "finish_reason": None, **delta}}


def answer():
    last = chunk(index=2, usage=dict(USAGE_OF_7), finish_reason="stop")
    return [chunk("Hel"), chunk("lo", 1, [deepcopy(CALL)]), last]


def planted(value, path, new):
    """`value` with something else at `path`; the class `del` itself stands for taking it away."""
    value = deepcopy(value)
    *way, last = path
    inner = value
    for step in way:
        inner = inner[step]
    if new is REMOVED:
        del inner[last]
    else:
        inner[last] = new
    return value


REMOVED = object()
CALLS = (1, "delta", "message", "tool_calls")


def test_a_good_answer_breaks_nothing():
    assert violations("invoke_llm", answer()) == []


@pytest.mark.parametrize("content", ["", [], [{"type": "text", "data": "x"}]])
def test_content_is_text_or_parts(content):
    assert violations("invoke_llm", planted(answer(), (0, "delta", "message", "content"), content)) == []


@pytest.mark.parametrize(
    ("path", "new", "broken"),
    [
        ((0,), "text", ["chunk.model is empty", "chunk.delta is no object"]),
        ((0, "model"), "", ["chunk.model is empty"]),
        ((0, "model"), REMOVED, ["chunk.model is empty"]),
        ((0, "delta"), None, ["chunk.delta is no object"]),
        ((0, "delta", "index"), None, ["delta.index is None, no integer"]),
        ((0, "delta", "index"), 0.5, ["delta.index is 0.5, no integer"]),
        ((0, "delta", "index"), 2, ["delta.index fell from 2 to 1"]),
        ((0, "delta", "finish_reason"), 1, ["delta.finish_reason is no string"]),
        ((0, "delta", "message"), None, ["delta.message is no object"]),
        ((0, "delta", "message", "role"), "developer", ["message.role is 'developer'"]),
        ((0, "delta", "message", "content"), None, ["message.content is None, neither text nor a list"]),
        ((0, "delta", "message", "content"), [{"type": "smell"}], ["message.content has a part of an unknown type"]),
        ((0, "delta", "message", "tool_calls"), {}, []),
        ((0, "delta", "message", "tool_calls"), {"a": 1}, ["message.tool_calls is no list"]),
        ((*CALLS, 0, "id"), "", ["a tool call without an id"]),
        ((*CALLS, 0, "type"), "", ["a tool call of type ''"]),
        ((*CALLS, 0, "function", "name"), None, ["a tool call without a name"]),
        ((*CALLS, 0, "function", "arguments"), '{"at', ["tool arguments that are no JSON object: '{\"at'"]),
        ((*CALLS, 0, "function", "arguments"), "[]", ["tool arguments that are no JSON object: '[]'"]),
        ((*CALLS, 0, "function", "arguments"), {}, ["tool arguments that are no JSON object: {}"]),
        (CALLS, [CALL, CALL], ["tool calls share an id: ['a', 'a']"]),
        ((0, "delta", "message", "tool_calls"), [CALL], ["tool calls in a second chunk"]),
        ((2, "delta", "usage"), None, ["no chunk has usage; the last one must"]),
        ((2, "delta", "usage", "latency"), None, ["usage without latency"]),
        ((2, "delta", "usage", "prompt_price"), REMOVED, ["usage without prompt_price"]),
        ((2, "delta", "usage", "total_tokens"), 1.5, ["usage with no integer in total_tokens"]),
        ((1, "delta", "usage"), USAGE_OF_7, ["a chunk after the one with usage, which must be the last"]),
    ],
)
def test_each_rule_for_chunks_sees_what_breaks_it(path, new, broken):
    assert violations("invoke_llm", planted(answer(), path, new)) == broken


@pytest.mark.parametrize("name", USAGE)
def test_usage_needs_every_field(name):
    assert violations("invoke_llm", planted(answer(), (2, "delta", "usage", name), None)) == [f"usage without {name}"]


def test_usage_comes_once():
    both = planted(answer(), (1, "delta", "usage"), USAGE_OF_7)
    assert violations("invoke_llm", both) == ["a chunk after the one with usage, which must be the last"]


def test_an_answer_needs_a_chunk():
    assert violations("invoke_llm", []) == ["an answer without a chunk"]


def test_an_answer_that_is_not_streamed_is_one_chunk():
    broken = violations("invoke_llm", answer(), {"stream": False})
    assert broken == ["a second chunk in an answer that was not to be streamed"] * 2
    assert violations("invoke_llm", answer()[2:], {"stream": False}) == []


@pytest.mark.parametrize("action", REPLIES)
def test_a_good_reply_breaks_nothing(action):
    assert violations(action, [REPLIES[action]]) == []


@pytest.mark.parametrize("action", REPLIES)
def test_every_reply_is_one_object(action):
    assert violations(action, []) == ["no reply"]
    assert violations(action, [None]) == ["a reply that is no object"]
    assert violations(action, [REPLIES[action]] * 2) == ([] if action == "invoke_tts" else ["a second reply"])


NO_NUMBERS = "a vector with something else than numbers; NaN becomes null, and null becomes 0"


@pytest.mark.parametrize(
    ("action", "path", "new", "broken"),
    [
        ("validate_model_credentials", ("result",), "yes", "result is no boolean"),
        ("validate_model_credentials", ("credentials",), None, "credentials is no object"),
        ("get_llm_num_tokens", ("num_tokens",), 3.5, "num_tokens is no integer"),
        ("get_llm_num_tokens", ("num_tokens",), None, "num_tokens is no integer"),
        ("get_text_embedding_num_tokens", ("num_tokens",), None, "num_tokens is no list of integers"),
        ("get_text_embedding_num_tokens", ("num_tokens", 0), None, "num_tokens is no list of integers"),
        ("invoke_text_embedding", ("model",), "", "model is empty"),
        ("invoke_text_embedding", ("embeddings",), None, "embeddings is no list of vectors"),
        ("invoke_text_embedding", ("embeddings", 0), None, "embeddings is no list of vectors"),
        ("invoke_text_embedding", ("embeddings", 0, 1), None, NO_NUMBERS),
        ("invoke_text_embedding", ("usage", "currency"), None, "usage without currency"),
        ("invoke_multimodal_embedding", ("usage", "tokens"), REMOVED, "usage without tokens"),
        ("invoke_rerank", ("model",), None, "model is empty"),
        ("invoke_rerank", ("docs",), None, "docs is no list"),
        ("invoke_rerank", ("docs", 0, "index"), None, "a document without an index"),
        ("invoke_rerank", ("docs", 0, "text"), None, "a document without a text"),
        ("invoke_rerank", ("docs", 0, "score"), None, "a document without a score; NaN becomes null"),
        ("invoke_speech2text", ("result",), None, "result is no string"),
        ("invoke_tts", ("result",), "sound", "result is no sound in hexadecimal"),
        ("get_tts_model_voices", ("voices",), None, "voices is no list of names and values"),
        ("get_tts_model_voices", ("voices", 0, "value"), "", "voices is no list of names and values"),
        ("invoke_moderation", ("result",), None, "result is no boolean"),
    ],
)
def test_each_rule_for_replies_sees_what_breaks_it(action, path, new, broken):
    assert violations(action, [planted(REPLIES[action], path, new)]) == [broken]


@pytest.mark.parametrize(
    ("path", "new", "broken"),
    [
        (("model",), "m" * 256, "schema.model is no text of 1 to 255 characters"),
        (("label",), {"zh_Hans": "M"}, "schema.label has no en_US"),
        (("model_type",), "chat", "schema.model_type is 'chat'"),
        (("fetch_from",), "thin-air", "schema.fetch_from is 'thin-air'"),
        (("features", 0), None, "schema.features has something else than short names"),
        (("parameter_rules",), [{}] * 129, "schema.parameter_rules is no list of at most 128 objects"),
        (("parameter_rules", 0, "name"), "", "parameter '': the name is no text of 1 to 255 characters"),
        (("parameter_rules", 0, "use_template"), "min_p", "parameter 'temperature': there is no template 'min_p'"),
        (("parameter_rules", 1, "type"), "number", "parameter 'seed': the type is 'number'"),
        (("parameter_rules", 1, "type"), None, "parameter 'seed': the type is None"),
        (("parameter_rules", 1, "label"), {"en_US": ""}, "parameter 'seed': the label has no en_US"),
        (("parameter_rules", 1, "default"), [1], "parameter 'seed': the default is no simple value"),
        (("parameter_rules", 1, "options"), ["x" * 256], "parameter 'seed': an option is no short text"),
    ],
)
def test_each_rule_for_schemas_sees_what_breaks_it(path, new, broken):
    assert violations("get_ai_model_schemas", [{"model_schema": planted(SCHEMA, path, new)}]) == [broken]


def test_no_schema_is_an_answer_too_and_a_wrong_one_is_none():
    assert violations("get_ai_model_schemas", [{"model_schema": None}]) == []
    assert violations("get_ai_model_schemas", [{"model_schema": "m"}]) == ["model_schema is no object"]


def test_actions_without_rules_are_let_through():
    assert violations("start_polling", [{"status": "running"}]) == []


@pytest.mark.parametrize(
    ("error", "broken"),
    [
        ({"error_type": "E", "message": "m", "args": {"traceback": "t"}}, []),
        ({"error_type": "E", "message": "m"}, []),
        ("boom", ["an error that is no object"]),
        ({"message": "m"}, ["error.error_type is no string"]),
        ({"error_type": "E", "message": None}, ["error.message is no string"]),
        ({"error_type": "E", "message": "m", "args": "t"}, ["error.args is no object of at most 10 entries"]),
        (
            {"error_type": "E", "message": "m", "args": dict.fromkeys("abcdefghijk", 1)},
            ["error.args is no object of at most 10 entries"],
        ),
    ],
)
def test_an_error_must_reach_dify(error, broken):
    assert error_violations(error) == broken


@pytest.mark.parametrize("event", ["log", "heartbeat", "session", "error"])
def test_known_events_are_good_lines(event):
    assert read_line(json.dumps({"event": event}).encode()) == ({"event": event}, [])


@pytest.mark.parametrize("event", ["party", "", None, [], {}])
def test_other_events_are_not(event):
    assert read_line(json.dumps({"event": event}).encode(), first=True)[1] == [f"unknown event {event!r}"]


def test_only_the_first_line_may_be_the_manifest():
    assert read_line(b'{"name": "x"}', first=True) == ({"name": "x"}, [])
    assert read_line(b'{"name": "x"}') == ({"name": "x"}, ["unknown event None"])


@pytest.mark.parametrize(
    "line",
    [b"Traceback", b'{"event": ', b'{"event": "log"} {}', b'{"a": NaN}', b'{"a": -Infinity}', b"\xff", b"[1]", b"3"],
)
def test_a_line_is_one_json_object(line):
    message, broken = read_line(line)

    assert message == {}
    assert len(broken) == 1
    assert broken[0].startswith("a line that is no JSON")


def test_a_line_must_not_be_longer_than_the_daemon_reads():
    line = json.dumps({"event": "log", "data": "x" * LONGEST_LINE}).encode()

    assert read_line(line)[1] == [f"a line of {len(line)} bytes, over {LONGEST_LINE}"]
