"""Every odd and every broken stream, through the real plugin process, as Dify gets it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provider.core.detected import Detected
from scripts.plugin_host import PluginError, PluginHost
from tests.servers import Response, ScriptedServer, faults, streams, tool_streams

QUESTION = [{"role": "user", "content": "hi"}]
QUICK = {"connect_timeout": "2", "first_token_timeout": "2", "idle_timeout": "0.5", "total_timeout": "3"}


def form(server: ScriptedServer, kind: str, **more: str) -> dict[str, str]:
    """A form as Dify keeps it after it was saved."""
    saved = Detected(f"{kind} {server.url}", server.url, kind)
    return {"base_url": server.url, "server": kind, "detected": saved.dumps(), **QUICK, **more}


def ask(plugin: PluginHost, script: Any, kind: str, **more: Any) -> tuple[str, list[dict[str, Any]]]:
    """The text of the answer, and its chunks; the host holds each against the daemon's rules."""
    fields = {name: more.pop(name) for name in ("thinking_output",) if name in more}
    with ScriptedServer(script) as server:
        chunks = list(plugin.invoke_llm("m", form(server, kind, **fields), QUESTION, **more))
    return "".join(chunk["delta"]["message"]["content"] for chunk in chunks), chunks


@pytest.mark.parametrize(
    ("script", "kind", "text"),
    [
        (streams.openai("Hello", " world"), "openai", "Hello world"),
        (streams.ollama("Hello", " world"), "ollama", "Hello world"),
        (streams.crlf(), "openai", "Hello world"),
        (streams.decorated(), "openai", "Hello world"),
        (streams.no_space_after_colon(), "openai", "Hello world"),
        (streams.byte_order_mark(), "openai", "Hello world"),
        (streams.separators_in_text(), "openai", streams.SEPARATORS),
        (streams.separators_in_ollama_text(), "ollama", streams.SEPARATORS),
        (streams.json_instead_of_sse(), "openai", "Hello world"),
        (streams.one_ollama_object(), "ollama", "Hello world"),
        (streams.usage_without_choices(), "openai", "Hello"),
        (streams.no_done_mark(), "openai", "Hello"),
        (streams.reasoning(), "openai", "<think>\nI should say hello.\n</think>Hello"),
        (streams.reasoning("reasoning"), "lmstudio", "<think>\nI should say hello.\n</think>Hello"),
        (streams.reasoning_and_content_in_one_chunk(), "openai", "<think>\nI should say hello.\n</think>Hello"),
        (streams.ollama_thinking(), "ollama", "<think>\nI should say hello.\n</think>Hello"),
        (streams.ollama_thinking_and_content_in_one_line(), "ollama", "<think>\nSay hello.\n</think>Hello"),
        (streams.inline_thinking(), "openai", "<think>\nI should say hello.\n</think>\n\nHello"),
        (streams.inline_thinking("◁think▷", "◁/think▷"), "llamacpp", "<think>\nI should say hello.\n</think>\n\nHello"),
        (
            streams.inline_thinking("<thought>", "</thought>"),
            "openai",
            "<think>\nI should say hello.\n</think>\n\nHello",
        ),
        (streams.never_closed_thinking(), "openai", "<think>\nI should say hello.\n</think>"),
    ],
)
def test_an_odd_but_whole_stream_gives_its_text_and_a_usage(
    plugin: PluginHost, script: Response, kind: str, text: str
) -> None:
    answer, chunks = ask(plugin, script, kind)

    assert answer == text
    assert [chunk["delta"]["usage"] is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1]["delta"]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("script", "kind", "error", "words"),
    [
        (streams.lmstudio_error(), "lmstudio", "InvokeServerUnavailableError", "has crashed"),
        (streams.llamacpp_error(), "llamacpp", "InvokeBadRequestError", "Context size has been exceeded"),
        (streams.vllm_error(), "openai", "InvokeServerUnavailableError", "EngineCore died"),
        (streams.error_as_text(), "openai", "InvokeServerUnavailableError", "model unloaded"),
        (streams.ollama_error(), "ollama", "InvokeServerUnavailableError", "unexpected EOF"),
        (streams.openai_ends_early(), "openai", "InvokeServerUnavailableError", "before its end"),
        (streams.ollama_ends_early(), "ollama", "InvokeServerUnavailableError", "before its end"),
        (streams.cut_in_a_message(), "llamacpp", "InvokeServerUnavailableError", "before its end"),
        (streams.openai_falls_silent(), "openai", "InvokeConnectionError", "said nothing for 0.5 s"),
        (streams.ollama_trickles(), "ollama", "InvokeConnectionError", "PLUGIN_MAX_EXECUTION_TIMEOUT"),
        (faults.empty_stream(), "lmstudio", "InvokeServerUnavailableError", "longer than their context"),
        (faults.empty_200(), "ollama", "InvokeServerUnavailableError", "nothing at all"),
        (tool_streams.cut_by_length(), "openai", "InvokeBadRequestError", "max_tokens"),
    ],
)
def test_a_stream_that_breaks_is_an_error_of_the_right_class_after_its_text(
    plugin: PluginHost, script: Response, kind: str, error: str, words: str
) -> None:
    with pytest.raises(PluginError, match=words) as raised:
        ask(plugin, script, kind)

    assert raised.value.error_type == error


@pytest.mark.parametrize(
    ("script", "kind", "error", "words"),
    [
        (faults.wrong_key(), "llamacpp", "InvokeAuthorizationError", "Invalid API Key.*Check the API key"),
        (faults.forbidden(), "ollama", "InvokeAuthorizationError", "host name"),
        (faults.ollama_model_missing(), "ollama", "InvokeBadRequestError", "ollama pull m"),
        (faults.vllm_model_missing(), "openai", "InvokeBadRequestError", "does not exist"),
        (faults.old_vllm_model_missing(), "openai", "InvokeBadRequestError", "does not exist"),
        (faults.ollama_unknown_path(), "ollama", "InvokeBadRequestError", "404 page not found"),
        (faults.nested_500(), "ollama", "InvokeBadRequestError", "mmproj"),
        (faults.context_overflow(), "llamacpp", "InvokeBadRequestError", "2019 tokens.*512"),
        (faults.html_502(), "openai", "InvokeServerUnavailableError", "502 Bad Gateway|502 bad gateway"),
        (faults.lmstudio_unknown_path(), "lmstudio", "InvokeServerUnavailableError|InvokeBadRequestError", "Unexpected endpoint"),
        (faults.too_many_requests(), "openai", "InvokeRateLimitError", "Too many requests"),
        (faults.ollama_busy(), "ollama", "InvokeRateLimitError", "server busy"),
        (faults.loading(), "llamacpp", "InvokeServerUnavailableError", "Loading model"),
        (streams.never_answers(), "openai", "InvokeConnectionError", "first_token_timeout"),
    ],
)  # fmt: skip
def test_a_refusal_has_the_right_class_the_servers_words_and_a_remedy(
    plugin: PluginHost, script: Response, kind: str, error: str, words: str
) -> None:
    with pytest.raises(PluginError, match=f"(?s){words}") as raised:
        ask(plugin, script, kind)

    assert raised.value.error_type in error.split("|")
    assert "Traceback" not in raised.value.message


@pytest.mark.parametrize(
    ("build", "kind", "count"),
    [
        (tool_streams.one_after_the_other, "openai", 2),
        (tool_streams.interleaved, "openai", 2),
        (tool_streams.without_index, "openai", 2),
        (tool_streams.without_id, "openai", 2),
        (tool_streams.with_one_id_for_both, "openai", 2),
        (tool_streams.in_one_delta, "llamacpp", 2),
        (tool_streams.in_one_delta_all_index_0, "llamacpp", 2),
        (tool_streams.with_text_around, "openai", 1),
        (tool_streams.finished_as_stop, "openai", 1),
        (tool_streams.arguments_as_object, "openai", 1),
        (tool_streams.in_a_plain_body, "openai", 1),
        (tool_streams.ollama_calls_in_two_lines, "ollama", 2),
        (tool_streams.ollama_calls_in_one_line, "ollama", 2),
        (tool_streams.ollama_calls_all_index_0, "ollama", 2),
        (tool_streams.ollama_calls_without_id, "ollama", 2),
        (tool_streams.ollama_calls_in_the_last_line, "ollama", 2),
        (tool_streams.ollama_text_after_calls, "ollama", 2),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
@pytest.mark.parametrize("stream", [True, False])
def test_each_call_leaves_the_plugin_once_whole_and_with_an_id_of_its_own(
    plugin: PluginHost, build: Callable[[], Response], kind: str, count: int, stream: bool
) -> None:
    _, chunks = ask(plugin, build(), kind, stream=stream)

    calls = [call for chunk in chunks for call in chunk["delta"]["message"]["tool_calls"]]
    assert len(calls) == count
    assert len({call["id"] for call in calls}) == count
    assert all(isinstance(json.loads(call["function"]["arguments"]), dict) for call in calls)
    assert chunks[-1]["delta"]["finish_reason"] == "tool_calls"
    assert sum(bool(chunk["delta"]["message"]["tool_calls"]) for chunk in chunks) == 1


@pytest.mark.parametrize(("mode", "text"), [("hidden", "Hello"), ("plain", "I should say hello.\n\nHello")])
def test_thinking_may_be_hidden_or_plain(plugin: PluginHost, mode: str, text: str) -> None:
    assert ask(plugin, streams.reasoning(), "openai", thinking_output=mode)[0] == text


def test_thinking_is_hidden_when_a_schema_is_active(plugin: PluginHost) -> None:
    schema = {"json_schema": '{"type":"object"}'}

    assert ask(plugin, streams.reasoning(), "llamacpp", parameters=schema)[0] == "Hello"


def test_without_streaming_there_is_exactly_one_chunk(plugin: PluginHost) -> None:
    text, chunks = ask(plugin, streams.ollama("Hello", " world"), "ollama", stream=False)

    assert text == "Hello world"
    assert len(chunks) == 1
    assert chunks[0]["delta"]["usage"]["total_tokens"] > 0


def test_a_parameter_out_of_range_is_a_bad_request_and_no_broken_plugin(plugin: PluginHost) -> None:
    with pytest.raises(PluginError, match="temperature") as raised:
        ask(plugin, streams.ollama("Hello"), "ollama", parameters={"temperature": 3.0})

    assert raised.value.error_type == "InvokeBadRequestError"
