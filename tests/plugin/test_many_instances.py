"""Several servers behind one provider, through the real plugin process."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server
from scripts.plugin_host import PluginError, PluginHost
from tests.servers import Response, ScriptedServer, by_path, faults, streams

QUESTION = [{"role": "user", "content": "hello"}]


@pytest.fixture
def two() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    """Two real llama.cpp servers with different models."""
    with ExitStack() as stack:
        chat = stack.enter_context(embedded_server(EmbeddedOptions("chat", alias="tiny", slots=4)))
        demo = stack.enter_context(embedded_server(EmbeddedOptions("demo", alias="qwen3-coder-30b", slots=4)))
        yield chat, demo


def said(plugin: PluginHost, model: str, credentials: dict[str, Any], **parameters: Any) -> str:
    chunks = plugin.invoke_llm(
        model, credentials, QUESTION, parameters={"temperature": 0.0, "thinking": "off", **parameters}
    )
    return "".join(chunk["delta"]["message"]["content"] for chunk in chunks)


def test_each_models_request_reaches_its_own_server(plugin: PluginHost, two: tuple[EmbeddedServer, ...]) -> None:
    form = {"base_url": f"{two[0].url}, qwen3-coder-30b={two[1].url}"}

    answers = {name: said(plugin, name, plugin.validate_model(name, form)) for name in ("tiny", "qwen3-coder-30b")}

    assert answers["tiny"].startswith("Hello from the tiny test model")
    assert "Tiny" in answers["qwen3-coder-30b"]


def test_an_instance_may_be_named_and_means_what_it_has(plugin: PluginHost, two: tuple[EmbeddedServer, ...]) -> None:
    form = {"base_url": f"a={two[0].url}, llamacpp:qwen3-coder-30b={two[1].url} weight=2"}

    for name in ("llamacpp:qwen3-coder-30b", "llamacpp:qwen3-coder-30b/qwen3-coder-30b"):
        assert "Tiny" in said(plugin, name, plugin.validate_model(name, form))


def test_a_model_nobody_has_is_answered_with_what_each_has(plugin: PluginHost, two: tuple[EmbeddedServer, ...]) -> None:
    form = {"base_url": f"a={two[0].url}, b={two[1].url}"}

    with pytest.raises(PluginError, match="tiny") as saving:
        plugin.validate_model("nope", form)
    with pytest.raises(PluginError, match=r"a .*has tiny.*b .*has qwen3-coder-30b") as asking:
        said(plugin, "nope", plugin.validate_provider(form))

    assert "qwen3-coder-30b" in saving.value.message
    assert asking.value.error_type == "InvokeBadRequestError"


def test_auto_takes_the_first_that_is_ready(plugin: PluginHost, two: tuple[EmbeddedServer, ...]) -> None:
    credentials = plugin.validate_provider({"base_url": f"a={two[0].url}, b={two[1].url}"})
    assert said(plugin, "auto", credentials).startswith("Hello from the tiny test model")

    two[0].kill()

    assert "Tiny" in said(plugin, "auto", credentials)


def outcome(chunks: Iterator[dict[str, Any]]) -> str:
    """How a stream that has begun ends."""
    try:
        for _ in chunks:
            pass
    except PluginError as error:
        return f"{error.error_type}: {error.message}"
    return "whole"


@pytest.mark.slow
def test_killing_a_server_loses_only_the_streams_it_had_begun(plugin: PluginHost) -> None:
    """Two servers with the same model; streams run on both when one is killed."""
    options = EmbeddedOptions("chat", alias="m", slots=8, context_length=4096)
    long = {"temperature": 1.0, "max_tokens": 2000, "thinking": "off", "json_schema": LONG}
    with embedded_server(options) as first, embedded_server(options) as second:
        credentials = plugin.validate_model("m", {"base_url": f"{first.url}, {second.url}"})
        streams_ = [plugin.invoke_llm("m", credentials, QUESTION, parameters=long) for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(next, streams_))
            first.kill()
            endings = list(pool.map(outcome, streams_))
        after = [said(plugin, "m", credentials) for _ in range(6)]

    broken = [ending for ending in endings if ending != "whole"]
    assert 1 <= len(broken) <= 7
    assert all("before its end" in ending and first.url in ending for ending in broken)
    assert all(answer.startswith("Hello from the tiny test model") for answer in after)


LONG = '{"type":"array","items":{"type":"integer","minimum":100000},"minItems":60,"maxItems":60}'


def openai(name: str, chat: Any) -> ScriptedServer:
    listed = Response.of_json({"object": "list", "data": [{"id": name, "object": "model", "owned_by": "vllm"}]})
    return ScriptedServer(by_path({"GET /v1/models": listed, "POST /v1/chat/completions": chat}))


@pytest.mark.parametrize(
    "fault",
    [faults.html_502(), faults.loading(), faults.too_many_requests(), streams.openai_ends_early().but(steps=[])],
)
def test_before_the_first_word_another_server_takes_over(plugin: PluginHost, fault: Response) -> None:
    with openai("m", fault) as bad, openai("m", streams.openai("Hello")) as good:
        credentials = plugin.validate_model("m", {"base_url": f"bad={bad.url} weight=1000, good={good.url}"})
        begin = time.monotonic()

        assert said(plugin, "m", credentials) == "Hello"

    assert time.monotonic() - begin < 3
    assert len(bad.asked("/v1/chat/completions")) == 1


def test_after_the_first_word_nobody_takes_over(plugin: PluginHost) -> None:
    with openai("m", streams.openai_ends_early()) as bad, openai("m", streams.openai("Hello")) as good:
        credentials = plugin.validate_model("m", {"base_url": f"bad={bad.url} weight=1000, good={good.url}"})

        with pytest.raises(PluginError, match="before its end"):
            said(plugin, "m", credentials)

    assert good.asked("/v1/chat/completions") == []


def test_a_refusal_of_the_question_is_not_asked_elsewhere(plugin: PluginHost) -> None:
    with openai("m", faults.context_overflow()) as first, openai("m", faults.context_overflow()) as second:
        credentials = plugin.validate_model("m", {"base_url": f"{first.url}, {second.url}"})

        with pytest.raises(PluginError, match="2019"):
            said(plugin, "m", credentials)

    assert len(first.asked("/v1/chat/completions") + second.asked("/v1/chat/completions")) == 1


def test_a_server_that_fails_is_left_alone_for_a_while(plugin: PluginHost) -> None:
    with openai("m", faults.html_502()) as bad, openai("m", streams.openai("Hello")) as good:
        credentials = plugin.validate_model("m", {"base_url": f"bad={bad.url} weight=1000, good={good.url}"})

        assert [said(plugin, "m", credentials) for _ in range(10)] == ["Hello"] * 10

    assert len(bad.asked("/v1/chat/completions")) == 1


def test_saving_needs_one_of_several_servers_and_no_mistake(plugin: PluginHost) -> None:
    with openai("m", streams.openai("Hello")) as good, ScriptedServer(Response.of_text("a shop")) as shop:
        down = plugin.validate_model("m", {"base_url": f"{good.url}, http://127.0.0.1:9"})
        assert said(plugin, "m", down) == "Hello"

        with pytest.raises(PluginError, match="not like a model server"):
            plugin.validate_model("m", {"base_url": f"{good.url}, {shop.url}"})


def test_a_limit_lets_only_so_many_in_at_once(plugin: PluginHost) -> None:
    busy, most, lock = [0], [0], threading.Lock()

    def answer(_: Any) -> Response:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.05)
        with lock:
            busy[0] -= 1
        return streams.openai("Hello")

    with openai("m", answer) as server:
        credentials = plugin.validate_model("m", {"base_url": f"{server.url} limit=2"})
        answers: list[str] = []
        threads = [threading.Thread(target=lambda: answers.append(said(plugin, "m", credentials))) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert answers == ["Hello"] * 12
    assert most[0] <= 2
