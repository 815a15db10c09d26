"""Against the real llama.cpp server, through the real plugin process."""

import base64
import json
import struct
import time
import zlib
from typing import Any

import pytest

from provider.core.detected import Detected
from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server
from scripts.plugin_host import PluginError, PluginHost

TOOL = {
    "name": "get_weather",
    "description": "Get the current weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
COLD: dict[str, Any] = {"temperature": 0.0}


def user(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


def saved(plugin: PluginHost, server: EmbeddedServer, model: str, **form: str) -> dict[str, Any]:
    return plugin.validate_model(model, {"base_url": server.url, **form})


def text(chunks: list[dict[str, Any]]) -> str:
    return "".join(chunk["delta"]["message"]["content"] for chunk in chunks)


def picture(red: int, green: int, blue: int, size: int = 32) -> dict[str, str]:
    """A PNG of one colour."""
    rows = b"".join(b"\0" + bytes((red, green, blue)) * size for _ in range(size))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return {
        "type": "image",
        "format": "png",
        "mime_type": "image/png",
        "base64_data": base64.b64encode(png).decode(),
    }


def test_saving_is_quick_and_finds_what_the_model_can_do(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    begin = time.monotonic()
    credentials = saved(plugin, demo_server, "demo")

    assert time.monotonic() - begin < 2
    found = Detected.loads(credentials["detected"])
    assert found
    assert found.model
    assert (found.kind, found.model.context_length, found.model.tools, found.model.thinking) == (
        "llamacpp", 2048, True, True,
    )  # fmt: skip
    schema = plugin.schema("demo", credentials)
    assert schema
    assert schema["model_properties"]["context_size"] == 2048
    assert "vision" not in schema["features"]


@pytest.mark.parametrize("address", ["{}/", "{}/v1", "{}/v1/chat/completions"])
def test_the_address_may_be_copied_from_anywhere(plugin: PluginHost, demo_server: EmbeddedServer, address: str) -> None:
    form = {"base_url": address.format(demo_server.url)}

    assert json.loads(plugin.validate_provider(form)["detected"])["url"] == demo_server.url


def test_an_answer_streams_with_its_thoughts_and_the_servers_own_counts(
    plugin: PluginHost, demo_server: EmbeddedServer
) -> None:
    chunks = list(plugin.invoke_llm("demo", saved(plugin, demo_server, "demo"), user("who are you"), parameters=COLD))

    assert text(chunks).startswith("<think>\nThe user asks who I am.\n</think>")
    assert "I am Tiny" in text(chunks)
    assert len(chunks) > 10
    assert chunks[-1]["delta"]["usage"]["prompt_tokens"] == 12


def test_thinking_is_switched_off_by_its_parameter(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    parameters = {**COLD, "thinking": "off"}
    chunks = list(plugin.invoke_llm("demo", saved(plugin, demo_server, "demo"), user("你好"), parameters=parameters))

    assert "<think>" not in text(chunks)
    assert "小小" in text(chunks)


def test_a_tool_is_called_and_its_result_is_used(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    credentials = saved(plugin, demo_server, "demo")
    question = user("What is the weather in Paris?")
    asked = list(plugin.invoke_llm("demo", credentials, question, parameters=COLD, tools=[TOOL]))
    calls = [call for chunk in asked for call in chunk["delta"]["message"]["tool_calls"]]
    assert [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls] == [
        ("get_weather", {"city": "Paris"})
    ]

    history = [
        *question,
        {"role": "assistant", "content": text(asked), "tool_calls": calls},
        {"role": "tool", "content": "18 C, sunny", "tool_call_id": calls[0]["id"]},
    ]
    told = list(plugin.invoke_llm("demo", credentials, history, parameters=COLD, tools=[TOOL]))

    assert "18" in text(told)
    assert not any(chunk["delta"]["message"]["tool_calls"] for chunk in told)


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_obeys_the_schema_and_nothing_stands_before_it(
    plugin: PluginHost, demo_server: EmbeddedServer, stream: bool
) -> None:
    schema = {
        "type": "object",
        "properties": {"sentiment": {"enum": ["positive", "negative"]}},
        "required": ["sentiment"],
    }
    parameters = {**COLD, "json_schema": json.dumps({"name": "llm_response", "schema": schema})}
    question = user("sentiment: I love this product")

    credentials = saved(plugin, demo_server, "demo")
    chunks = list(plugin.invoke_llm("demo", credentials, question, parameters=parameters, stream=stream))

    assert json.loads(text(chunks)) == {"sentiment": "positive"}


def test_a_schema_llama_cpp_cannot_use_is_a_bad_request(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    parameters = {"json_schema": '{"$ref":"#/$defs/missing"}'}

    with pytest.raises(PluginError) as raised:
        list(plugin.invoke_llm("demo", saved(plugin, demo_server, "demo"), user("hello"), parameters=parameters))

    assert raised.value.error_type == "InvokeBadRequestError"


@pytest.mark.parametrize(("colour", "name"), [((255, 0, 0), "red"), ((0, 255, 0), "green"), ((0, 0, 255), "blue")])
def test_a_picture_is_seen(
    plugin: PluginHost, vision_server: EmbeddedServer, colour: tuple[int, int, int], name: str
) -> None:
    credentials = saved(plugin, vision_server, "vision")
    content = [{"type": "text", "data": "what colour?"}, picture(*colour)]
    chunks = list(plugin.invoke_llm("vision", credentials, user(content), parameters={**COLD, "thinking": "off"}))

    assert name in text(chunks)
    schema = plugin.schema("vision", credentials)
    assert schema
    assert "vision" in schema["features"]


def test_a_model_without_eyes_refuses_a_picture_before_the_call(
    plugin: PluginHost, demo_server: EmbeddedServer
) -> None:
    with pytest.raises(PluginError, match="cannot see images") as raised:
        list(plugin.invoke_llm("demo", saved(plugin, demo_server, "demo"), user([picture(1, 2, 3)])))

    assert raised.value.error_type == "InvokeBadRequestError"


def test_a_prompt_that_is_too_long_is_told_with_its_numbers(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    with pytest.raises(PluginError, match=r"tokens.*2048|2048.*tokens") as raised:
        list(plugin.invoke_llm("demo", saved(plugin, demo_server, "demo"), user("hello " * 5000)))

    assert raised.value.error_type == "InvokeBadRequestError"


def test_tokens_are_counted_by_the_server_itself(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    credentials = saved(plugin, demo_server, "demo")
    chunks = list(plugin.invoke_llm("demo", credentials, user("who are you"), parameters=COLD))

    assert plugin.num_tokens("demo", credentials, user("who are you")) == chunks[-1]["delta"]["usage"]["prompt_tokens"]


def test_a_stop_word_ends_the_answer(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    parameters = {**COLD, "thinking": "off"}
    credentials = saved(plugin, demo_server, "demo")
    chunks = list(plugin.invoke_llm("demo", credentials, user("who are you"), parameters=parameters, stop=["Tiny"]))

    assert text(chunks).rstrip() == "I am"


def test_the_token_limit_is_the_finish_reason(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    parameters = {**COLD, "max_tokens": 3}
    chunks = list(plugin.invoke_llm("demo", saved(plugin, demo_server, "demo"), user("hello"), parameters=parameters))

    assert chunks[-1]["delta"]["finish_reason"] == "length"
    assert text(chunks).count("<think>") == text(chunks).count("</think>")


def test_plain_completion_goes_on_from_the_prompt(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    credentials = saved(plugin, demo_server, "demo", mode="completion")
    chunks = list(plugin.invoke_llm("demo", credentials, user("hello"), parameters={**COLD, "max_tokens": 8}))

    assert text(chunks)
    assert chunks[-1]["delta"]["usage"]["completion_tokens"] <= 8
    schema = plugin.schema("demo", credentials)
    assert schema
    assert schema["model_properties"]["mode"] == "completion"


def test_a_server_with_a_key_wants_it(plugin: PluginHost) -> None:
    with embedded_server(EmbeddedOptions("chat", api_key="s3cret")) as server:
        with pytest.raises(PluginError, match=r"(?i)key") as raised:
            saved(plugin, server, "chat")
        credentials = saved(plugin, server, "chat", api_key="s3cret")
        for form in ({"api_key": "s3cret", "auth_scheme": "header"}, {"extra_headers": "X-Api-Key: s3cret"}):
            saved(plugin, server, "chat", **form)

        assert "s3cret" not in raised.value.message
        assert text(list(plugin.invoke_llm("chat", credentials, user("hi"), parameters=COLD)))
    assert "s3cret" not in credentials["detected"]


def test_a_server_below_a_path_is_found_there(plugin: PluginHost) -> None:
    with embedded_server(EmbeddedOptions("chat", api_prefix="/llm")) as server:
        base = server.url if server.url.endswith("/llm") else f"{server.url}/llm"
        credentials = plugin.validate_model("chat", {"base_url": f"{base}/v1"})

        assert text(list(plugin.invoke_llm("chat", credentials, user("hi"), parameters=COLD)))


def test_a_server_that_has_gone_is_told_with_cause_and_remedy(plugin: PluginHost) -> None:
    with embedded_server(EmbeddedOptions("chat")) as server:
        credentials = saved(plugin, server, "chat")
    begin = time.monotonic()

    with pytest.raises(PluginError, match="What to do:") as raised:
        list(plugin.invoke_llm("chat", credentials, user("hi")))

    assert raised.value.error_type == "InvokeConnectionError"
    assert server.url in raised.value.message
    assert time.monotonic() - begin < 12


def test_an_old_thought_in_the_history_does_no_harm(plugin: PluginHost, demo_server: EmbeddedServer) -> None:
    history = [
        *user("hello"),
        {"role": "assistant", "content": "<think>\nA greeting.\n</think>Hello! I am Tiny."},
        *user("count to three"),
    ]
    chunks = list(plugin.invoke_llm("demo", saved(plugin, demo_server, "demo"), history, parameters=COLD))

    assert "1, 2, 3" in text(chunks)
