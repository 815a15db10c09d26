"""Against recordings of a real Ollama 0.33, through the real plugin process."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from provider.core.detected import Detected
from scripts.plugin_host import PluginError, PluginHost
from tests.servers import Delivery, End, ReplayServer, Response, ScriptedServer, by_path, streams

QUESTION = [{"role": "user", "content": "weather in Paris?"}]
TOOL = {"name": "get_weather", "description": "weather", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture
def ollama() -> Iterator[ReplayServer]:
    with ReplayServer("ollama", {"POST /api/chat": "chat_thinking_stream"}) as server:
        yield server


def saved(plugin: PluginHost, replay: ReplayServer, model: str = "tinychat", **form: str) -> dict[str, Any]:
    return plugin.validate_model(model, {"base_url": replay.url, **form})


def facts(credentials: dict[str, Any]) -> Detected:
    found = Detected.loads(credentials["detected"])
    assert found
    return found


def text(chunks: list[dict[str, Any]]) -> str:
    return "".join(chunk["delta"]["message"]["content"] for chunk in chunks)


def test_saving_finds_what_the_model_can_do_from_metadata_alone(plugin: PluginHost, ollama: ReplayServer) -> None:
    begin = time.monotonic()
    found = facts(saved(plugin, ollama))

    assert time.monotonic() - begin < 2
    assert (found.kind, found.version) == ("ollama", "0.33.0-test")
    assert found.model
    assert (found.model.tools, found.model.thinking, found.model.vision) == (True, True, False)
    assert (found.model.context_length, found.model.train_context_length) == (4096, 4096)
    assert {request.path for request in ollama.requests} <= {
        "/api/extra/version", "/health", "/api/version", "/api/show", "/api/ps",
    }  # fmt: skip


def test_the_schema_is_built_without_asking_the_server_again(plugin: PluginHost, ollama: ReplayServer) -> None:
    credentials = saved(plugin, ollama)
    before = len(ollama.requests)

    schema = plugin.schema("tinychat", credentials)

    assert schema
    assert len(ollama.requests) == before
    assert {"tool-call", "multi-tool-call", "stream-tool-call", "structured-output"} <= set(schema["features"])
    assert "vision" not in schema["features"]
    assert schema["model_properties"] == {"mode": "chat", "context_size": 4096}
    assert "num_ctx" not in {rule["name"] for rule in schema["parameter_rules"]}


def test_a_wrong_name_is_answered_with_the_right_ones_and_the_command(plugin: PluginHost, ollama: ReplayServer) -> None:
    with pytest.raises(PluginError, match=r"tinychat:latest.*ollama pull missing") as raised:
        saved(plugin, ollama, "missing")

    assert raised.value.error_type == "CredentialsValidateFailedError"


def test_an_embedding_model_is_no_language_model(plugin: PluginHost, ollama: ReplayServer) -> None:
    ollama.answers["POST /api/show"] = "show_embedding"

    with pytest.raises(PluginError, match="Text Embedding"):
        saved(plugin, ollama, "tinyembed")


def test_a_wrong_kind_is_told(plugin: PluginHost, ollama: ReplayServer) -> None:
    with pytest.raises(PluginError, match=r"is Ollama 0.33.0-test, not llama.cpp"):
        saved(plugin, ollama, server="llamacpp")


@pytest.mark.parametrize("written", ["{}", "{}/", "{}/v1", "{}/api", "{}/api/chat"])
def test_the_address_may_be_written_in_every_usual_way(plugin: PluginHost, ollama: ReplayServer, written: str) -> None:
    assert facts(saved(plugin, ollama, base_url=written.format(ollama.url))).url == ollama.url


def test_the_recorded_answer_comes_through_whole(plugin: PluginHost, ollama: ReplayServer) -> None:
    chunks = list(plugin.invoke_llm("tinychat", saved(plugin, ollama), QUESTION))

    assert text(chunks) == "<think>\nThe user says something, I answer.\n</think>Hello from the tiny test model."
    assert chunks[-1]["delta"]["usage"]["prompt_tokens"] == 21
    assert chunks[-1]["delta"]["usage"]["completion_tokens"] == 12
    assert chunks[-1]["delta"]["finish_reason"] == "stop"


def test_the_recorded_call_in_the_last_message_comes_once(plugin: PluginHost, ollama: ReplayServer) -> None:
    ollama.answers["POST /api/chat"] = "chat_tools_stream"

    chunks = list(plugin.invoke_llm("tinychat", saved(plugin, ollama), QUESTION, tools=[TOOL]))

    calls = [call for chunk in chunks for call in chunk["delta"]["message"]["tool_calls"]]
    assert [(call["id"], json.loads(call["function"]["arguments"])) for call in calls] == [
        ("ixylbTEazLMylOd880lE7CWlgoTmUJzM", {"city": "Rome"})
    ]


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET, End.PROPER])
@pytest.mark.parametrize("cut", [0, 1, 149, 700, 1200, 1500])
def test_a_recorded_answer_that_is_cut_is_never_a_short_answer(
    plugin: PluginHost, ollama: ReplayServer, cut: int, end: End
) -> None:
    credentials = saved(plugin, ollama)
    ollama.delivery = Delivery(cut_after=cut, end=end)

    with pytest.raises(PluginError) as raised:
        list(plugin.invoke_llm("tinychat", credentials, QUESTION))

    assert raised.value.error_type in ("InvokeServerUnavailableError", "InvokeConnectionError")


def asked(plugin: PluginHost, form: dict[str, str] | None = None, **call: Any) -> dict[str, Any]:
    """The body that reached the server."""
    show = {"capabilities": ["completion", "tools", "thinking", "vision"],
            "model_info": {"general.architecture": "q", "q.context_length": 40960}}  # fmt: skip
    answers = {
        "GET /api/version": Response.of_json({"version": "0.33.0"}),
        "GET /api/tags": Response.of_json({"models": [{"name": "m:latest"}]}),
        "GET /api/ps": Response.of_json({"models": call.pop("running", [])}),
        "POST /api/show": Response.of_json(show),
        "POST /api/chat": streams.ollama("ok"),
        "POST /api/generate": Response.ndjson([b'{"response":"ok","done":true,"done_reason":"stop"}\n']),
    }
    messages, model = call.pop("messages", QUESTION), call.pop("model", "m")
    with ScriptedServer(by_path(answers)) as server:
        typed = {"base_url": server.url, **(form or {})}
        credentials = plugin.validate_provider(typed) if model == "auto" else plugin.validate_model(model, typed)
        list(plugin.invoke_llm(model, credentials, messages, **call))
        return server.requests[-1].json


def test_the_context_length_goes_with_every_call_and_equals_what_was_declared(plugin: PluginHost) -> None:
    assert asked(plugin)["options"] == {"num_ctx": 8192}
    assert asked(plugin, {"context_size": "16384"})["options"] == {"num_ctx": 16384}
    assert asked(plugin, {"mode": "completion"})["options"] == {"num_ctx": 8192}


def test_auto_asks_the_loaded_model_and_keeps_its_window(plugin: PluginHost) -> None:
    body = asked(plugin, model="auto", running=[{"name": "m:latest", "context_length": 32768}])

    assert (body["model"], body["options"]["num_ctx"]) == ("m:latest", 32768)


def test_auto_promises_4096_tokens_and_asks_for_them(plugin: PluginHost) -> None:
    assert asked(plugin, model="auto")["options"]["num_ctx"] == 4096


def test_only_what_was_set_is_sent_and_under_ollamas_names(plugin: PluginHost) -> None:
    body = asked(plugin, parameters={"max_tokens": 50, "temperature": 1.7, "top_k": 0, "shift": False}, stop=["END"])

    assert body["options"] == {"num_ctx": 8192, "num_predict": 50, "temperature": 1.7, "top_k": 0, "stop": ["END"]}
    assert body["shift"] is False
    assert body["stream"] is True
    assert "keep_alive" not in body
    assert "think" not in body
    assert "format" not in body


@pytest.mark.parametrize(("typed", "sent"), [("-1", -1), ("5m", "5m"), ("300", 300), ("1h30m", "1h30m"), ("0", 0)])
def test_keep_alive_is_sent_as_ollama_reads_it(plugin: PluginHost, typed: str, sent: Any) -> None:
    assert asked(plugin, {"keep_alive": typed})["keep_alive"] == sent


@pytest.mark.parametrize(("thinking", "think"), [("off", False), ("on", True), ("low", "low"), ("max", "max")])
def test_thinking_is_sent_as_ollama_reads_it(plugin: PluginHost, thinking: str, think: Any) -> None:
    assert asked(plugin, parameters={"thinking": thinking})["think"] == think


@pytest.mark.parametrize("given", ['{"type":"object"}', '{"name":"llm_response","schema":{"type":"object"}}'])
def test_a_schema_becomes_the_format_and_switches_thinking_off(plugin: PluginHost, given: str) -> None:
    body = asked(plugin, parameters={"json_schema": given, "response_format": "json_schema", "thinking": "on"})

    assert body["format"] == {"type": "object"}
    assert body["think"] is False


def test_an_invalid_schema_never_reaches_the_server(plugin: PluginHost) -> None:
    with pytest.raises(PluginError, match=r"json_schema.type") as raised:
        asked(plugin, parameters={"json_schema": '{"type":"objekt"}'})

    assert raised.value.error_type == "InvokeBadRequestError"


def test_history_goes_back_as_ollama_wants_it(plugin: PluginHost) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}}
    messages = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [
            {"type": "text", "data": "look"},
            {"type": "image", "format": "png", "mime_type": "image/png", "base64_data": "data:image/png;base64,QUJD"},
        ]},
        {"role": "assistant", "content": "<think>\nhm\n</think>", "tool_calls": [call]},
        {"role": "tool", "content": "18 C", "tool_call_id": "c1"},
    ]  # fmt: skip

    body = asked(plugin, messages=messages, tools=[TOOL])

    assert body["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "look", "images": ["QUJD"]},
        {
            "role": "assistant",
            "content": "",
            "thinking": "hm",
            "tool_calls": [
                {"id": "c1", "function": {"index": 0, "name": "get_weather", "arguments": {"city": "Paris"}}}
            ],
        },
        {"role": "tool", "content": "18 C", "tool_call_id": "c1", "tool_name": "get_weather"},
    ]
    assert body["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}


def test_completion_joins_all_messages(plugin: PluginHost) -> None:
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}, {"role": "user", "content": "b"}]

    body = asked(plugin, {"mode": "completion"}, messages=messages)

    assert (body["system"], body["prompt"]) == ("s", "a\n\nb")


def test_extra_fields_are_added_but_never_change_the_declared_context(plugin: PluginHost) -> None:
    body = asked(plugin, {"extra_body": '{"options": {"num_ctx": 1, "numa": true}, "logprobs": true}'})

    assert body["options"] == {"num_ctx": 8192, "numa": True}
    assert body["logprobs"] is True


def test_a_picture_at_an_address_is_fetched_because_ollama_wants_its_bytes(plugin: PluginHost) -> None:
    picture = Response(200, [b"ABC"], {"Content-Type": "image/png"})
    with ScriptedServer(picture) as files:
        image = {"type": "image", "format": "png", "mime_type": "image/png", "url": f"{files.url}/cat.png?sign=x"}
        body = asked(plugin, messages=[{"role": "user", "content": [image]}])

    assert body["messages"][0]["images"] == ["QUJD"]
    assert "authorization" not in files.requests[0].headers


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "video", "format": "mp4", "mime_type": "video/mp4", "base64_data": "QUJD"}, "video input"),
        (
            {"type": "document", "format": "pdf", "mime_type": "application/pdf", "base64_data": "QUJD"},
            "document input",
        ),
        ({"type": "audio", "format": "wav", "mime_type": "audio/wav", "base64_data": "QUJD"}, "cannot hear audio"),
        ({"type": "image", "format": "png", "mime_type": "image/png", "url": "ftp://x/y"}, "neither content nor"),
    ],
)
def test_what_the_model_cannot_take_is_refused_before_the_call(
    plugin: PluginHost, part: dict[str, str], words: str
) -> None:
    with pytest.raises(PluginError, match=words) as raised:
        asked(plugin, messages=[{"role": "user", "content": [part]}])

    assert raised.value.error_type == "InvokeBadRequestError"
