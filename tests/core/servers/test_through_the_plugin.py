"""Every program behind one form: saved, described to Dify, and asked, through the real plugin process."""

from typing import Any

import pytest

from provider.core.backends import label_of
from provider.core.detected import Detected
from scripts.plugin_host import PluginError, PluginHost
from tests.servers import in_turn, known, streams
from tests.servers.known import StandIn

CHAT = "/v1/chat/completions"
QUESTION = [{"role": "user", "content": "hi"}]
CASES = [
    (known.VLLM, "Qwen/Qwen3-8B", 8192, {"structured-output"}),
    (known.SGLANG, "Qwen/Qwen3-8B", 32768, {"structured-output"}),
    (known.LOCALAI, "qwen3-4b", 16384, {"vision", "tool-call", "stream-tool-call", "multi-tool-call"}),
    (known.KOBOLDCPP, "koboldcpp/qwen", 16384, {"vision", "structured-output"}),
    (known.JAN, "Jan-v3-4b", 4096, {"structured-output"}),
    (known.DOCKER, "ai/gemma3:latest", 16384, {"structured-output"}),
    (known.DOCKER_OLD, "ai/smollm2:latest", 8192, {"structured-output"}),
    (known.LEMONADE, "Qwen3-0.6B-GGUF", 8192, {"tool-call", "stream-tool-call", "multi-tool-call", "structured-output"}),
    (known.LEMONADE_OLD, "Gemma-3-4b-it-GGUF", 4096, {"vision", "structured-output"}),
    (known.LM_STUDIO, "gemma-long", 32768, {"vision", "tool-call", "stream-tool-call", "multi-tool-call", "structured-output"}),
    (known.LM_STUDIO_OLD, "meta-llama-3.1-8b", 8192, {"tool-call", "stream-tool-call", "multi-tool-call", "structured-output"}),
    (known.LLAMAFILE, "Qwen3-0.6B-Q8_0", 4096, set()),
    (known.LLAMAFILE_OLD, "LLaMA_CPP", 8192, {"structured-output"}),
    (known.GENERIC, "m", 4096, set()),
]  # fmt: skip


def text(chunks: list[dict[str, Any]]) -> str:
    return "".join(chunk["delta"]["message"]["content"] for chunk in chunks)


@pytest.mark.parametrize(("of", "model", "context", "features"), CASES, ids=lambda case: getattr(case, "title", None))
def test_a_model_is_saved_shown_and_asked(
    plugin: PluginHost, of: StandIn, model: str, context: int, features: set[str]
) -> None:
    with of.serve(**{of.prefix + CHAT: streams.openai("Hello")}) as server:
        credentials = plugin.validate_model(model, {"base_url": server.url})
        before = len(server.requests)
        schema = plugin.schema(model, credentials)
        asked_by_schema = len(server.requests) - before
        answer = text(list(plugin.invoke_llm(model, credentials, QUESTION)))
        url = server.url

    found = Detected.loads(credentials["detected"])
    assert found
    assert (found.kind, found.flavour, found.url) == (of.kind, of.flavour, url + of.prefix)
    assert schema
    assert asked_by_schema == 0
    assert schema["model_properties"]["context_size"] == context
    assert set(schema["features"]) - {"agent-thought"} == features
    assert answer == "Hello"


@pytest.mark.parametrize("of", [known.VLLM, known.LEMONADE_OLD, known.DOCKER_OLD], ids=lambda of: of.title)
def test_the_providers_form_makes_auto_usable(plugin: PluginHost, of: StandIn) -> None:
    with of.serve(**{of.prefix + CHAT: streams.openai("Hello")}) as server:
        credentials = plugin.validate_provider({"base_url": server.url})

        assert text(list(plugin.invoke_llm("auto", credentials, QUESTION))) == "Hello"


@pytest.mark.parametrize("of", [each for each in known.KNOWN if "with a key" in each.title], ids=lambda of: of.title)
def test_a_key_that_is_missing_is_asked_for_by_the_programs_name(plugin: PluginHost, of: StandIn) -> None:
    with of.serve() as server:
        with pytest.raises(PluginError, match=f"{label_of(of.kind, of.flavour)} at {server.url}.*Check the API key"):
            plugin.validate_provider({"base_url": server.url})
        credentials = plugin.validate_provider({"base_url": server.url, "api_key": "k"})

    found = Detected.loads(credentials["detected"])
    assert found
    assert (found.kind, found.flavour) == (of.kind, of.flavour)


@pytest.mark.parametrize(
    ("of", "chosen", "words"),
    [
        (known.LOCALAI, "ollama", "is LocalAI 4.9.0, not Ollama"),
        (known.DOCKER, "ollama", "is Docker Model Runner, not Ollama"),
        (known.KOBOLDCPP, "llamacpp", "is KoboldCpp 1.115.1, not llama.cpp"),
        (known.LM_STUDIO, "ollama", "is LM Studio, not Ollama"),
        (known.OLLAMA, "lmstudio", "is Ollama 0.33.0-test, not LM Studio"),
    ],
)
def test_a_wrong_kind_is_told_with_the_programs_name(plugin: PluginHost, of: StandIn, chosen: str, words: str) -> None:
    with of.serve() as server, pytest.raises(PluginError, match=words):
        plugin.validate_provider({"base_url": server.url, "server": chosen})


def test_an_embedding_server_is_no_language_model(plugin: PluginHost) -> None:
    with known.TEI.serve() as server, pytest.raises(PluginError, match="Text Embedding"):
        plugin.validate_model("BAAI/bge-m3", {"base_url": server.url})


def test_a_llama_cpp_that_loads_is_waited_for_when_it_is_saved(plugin: PluginHost) -> None:
    loading = known.native.LOADING.but(headers={**known.native.LOADING.headers, "Server": "llama.cpp"})
    listed = known.LLAMACPP.pages["/v1/models"]
    with known.LLAMACPP.serve(**{"/v1/models": in_turn([loading, listed])}) as server:
        credentials = plugin.validate_model("tiny-chat", {"base_url": server.url})

    found = Detected.loads(credentials["detected"])
    assert found
    assert (found.kind, found.model and found.model.context_length) == ("llamacpp", 2048)
