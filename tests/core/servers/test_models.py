"""What each server says of its models: names, context length, what they can do."""

from typing import Any

import pytest

from provider.core import errors
from provider.core.backends import Backend, label_of, open_backend
from provider.core.model_info import ModelInfo
from provider.core.server import Server, Timeouts
from tests.servers import ReplayServer, ScriptedServer, known
from tests.servers.known import KNOWN, StandIn

QUICK = Timeouts(connect=2, first_token=5, idle=5, total=10)
KEY = (("Authorization", "Bearer k"),)
UNASKED = {"name", "kind", "flavour"}


def backend(server: ScriptedServer, of: StandIn, **settings: Any) -> Backend:
    return open_backend(Server(server.url + of.prefix, of.kind, timeouts=QUICK, **settings), of.flavour)


def facts(info: ModelInfo) -> dict[str, Any]:
    return {name: value for name, value in info.as_dict().items() if name not in UNASKED}


NO_SOUND = {"speech2text": False, "tts": False}
CASES: list[tuple[StandIn, str, int, dict[str, Any]]] = [
    (known.VLLM, "Qwen/Qwen3-8B", 1, {"context_length": 8192, "structured_output": True}),
    (known.VLLM, "sql-lora", 1, {"structured_output": True}),
    (known.SGLANG, "Qwen/Qwen3-8B", 2, {
        "context_length": 32768, "structured_output": True, "completion": True, "embedding": False, "vision": False,
        "audio": False, "loaded": True,
    }),
    (known.LOCALAI, "qwen3-4b", 3, {
        "context_length": 16384, "completion": True, "embedding": False, "rerank": False, "vision": True,
        "audio": False, "tools": True, **NO_SOUND,
    }),
    (known.LOCALAI_OLD, "qwen3-4b", 3, {
        "context_length": 16384, "completion": True, "embedding": False, "vision": True, "tools": True,
    }),
    (known.KOBOLDCPP, "koboldcpp/qwen", 3, {
        "context_length": 16384, "completion": True, "embedding": False, "rerank": False, "vision": True,
        "audio": False, "structured_output": True, "loaded": True, **NO_SOUND,
    }),
    (known.KOBOLDCPP_OLD, "koboldcpp/qwen", 3, {
        "context_length": 4096, "rerank": False, "structured_output": True, "loaded": True,
    }),
    (known.JAN, "Jan-v3-4b", 1, {"structured_output": True}),
    (known.DOCKER, "ai/smollm2:latest", 3, {"context_length": 8192, "structured_output": True, "loaded": False}),
    (known.DOCKER, "gemma3", 3, {"context_length": 16384, "structured_output": True, "loaded": True}),
    (known.DOCKER_OLD, "ai/smollm2", 3, {"context_length": 8192, "structured_output": True, "loaded": False}),
    (known.LEMONADE, "Qwen3-0.6B-GGUF", 2, {
        "context_length": 8192, "train_context_length": 40960, "completion": True, "embedding": False, "rerank": False,
        "tools": True, "vision": False, "audio": False, "thinking": True, "structured_output": True, "loaded": False,
        **NO_SOUND,
    }),
    (known.LEMONADE_OLD, "nomic-embed-text-v1-GGUF", 2, {
        "completion": False, "embedding": True, "rerank": False, "vision": False, "audio": False, "thinking": False,
        "loaded": False, **NO_SOUND,
    }),
    (known.TEI, "BAAI/bge-m3", 1, {
        "context_length": 8192, "completion": False, "embedding": True, "rerank": False, "tools": False,
        "vision": False, "audio": False, "thinking": False, "structured_output": False, "loaded": True, **NO_SOUND,
    }),
    (known.LM_STUDIO, "gemma-long", 1, {
        "context_length": 32768, "train_context_length": 262144, "tools": True, "vision": True, "audio": False,
        "thinking": True, "structured_output": True, "completion": True, "embedding": False, "rerank": False,
        "loaded": True, **NO_SOUND,
    }),
    (known.LM_STUDIO_OLD, "meta-llama-3.1-8b", 2, {
        "context_length": 8192, "train_context_length": 131072, "tools": True, "vision": False, "audio": False,
        "structured_output": True, "completion": True, "embedding": False, "rerank": False, "loaded": True, **NO_SOUND,
    }),
    (known.LM_STUDIO_OLDEST, "qwen3-4b", 3, {}),
    (known.LLAMAFILE_OLD, "LLaMA_CPP", 2, {"context_length": 8192, "structured_output": True, "loaded": True}),
    (known.LLAMAFILE, "Qwen3-0.6B-Q8_0", 1, {}),
    (known.GENERIC, "m", 1, {}),
]  # fmt: skip


@pytest.mark.parametrize(("of", "model", "questions", "expected"), CASES, ids=lambda case: getattr(case, "title", None))
def test_a_model_is_described_from_metadata_in_few_questions(
    of: StandIn, model: str, questions: int, expected: dict[str, Any]
) -> None:
    with of.serve() as server:
        info = backend(server, of).describe(model)

    assert facts(info) == expected
    assert (info.name.rpartition("/")[2].split(":")[0], info.kind) == (model.rpartition("/")[2].split(":")[0], of.kind)
    assert len(server.requests) == questions


@pytest.mark.parametrize("of", [each for each in KNOWN if each.flavour], ids=lambda of: of.title)
def test_the_program_keeps_its_name_in_what_is_known_of_a_model(of: StandIn) -> None:
    with of.serve() as server:
        opened = backend(server, of, headers=KEY)
        names = opened.names() if "/v1/models" in str(of.pages) or of.flavour in ("tei", "whispercpp") else []
        flavours = {opened.describe(name).flavour for name in names}

    assert flavours <= {of.flavour}


PICKS = [
    (known.LEMONADE, "chat", "Gemma-3-4b-it-GGUF"),  # the one that is loaded
    (known.LEMONADE, "embedding", "nomic-embed-text-v1-GGUF"),
    (known.LOCALAI, "chat", "qwen3-4b"),  # not the first of the list, which makes vectors
    (known.LOCALAI, "embedding", "bge-m3"),
    (known.LOCALAI, "speech2text", "whisper-1"),
    (known.DOCKER, "chat", "ai/gemma3:latest"),
    (known.LM_STUDIO, "chat", "google/gemma-4-26b-a4b"),
    (known.LM_STUDIO, "embedding", "text-embedding-nomic"),
    (known.LM_STUDIO_OLD, "chat", "meta-llama-3.1-8b"),
    (known.VLLM, "chat", "Qwen/Qwen3-8B"),
    (known.TEI, "embedding", "BAAI/bge-m3"),
    (known.TEI_RERANK, "rerank", "BAAI/bge-reranker-v2-m3"),
    (known.ROUTER, "chat", "alpha"),
]


@pytest.mark.parametrize(("of", "task", "model"), PICKS, ids=lambda case: getattr(case, "title", None))
def test_auto_is_a_model_that_can_do_the_task_and_best_one_that_is_loaded(of: StandIn, task, model: str) -> None:
    with of.serve() as server:
        assert backend(server, of).pick(task) == model


@pytest.mark.parametrize(("of", "task"), [(known.TEI, "chat"), (known.TEI, "rerank")])
def test_a_server_that_has_nothing_for_the_task_says_so(of: StandIn, task) -> None:
    with of.serve() as server, pytest.raises(errors.ModelMissing, match=f"has no model for {task}"):
        backend(server, of).pick(task)


NAMED = [each for each in KNOWN if each.pages and each.flavour != "whispercpp" and "key" not in each.title]


@pytest.mark.parametrize("of", NAMED, ids=lambda of: of.title)
def test_a_wrong_name_is_answered_with_the_right_ones_and_what_to_do(of: StandIn) -> None:
    pages = {"/api/show": known.native.MISSING} if of.kind == "ollama" else {}
    with of.serve(**pages) as server:
        opened = backend(server, of)
        with pytest.raises(errors.ModelMissing) as raised:
            opened.describe("nonesuch")
        names, url = opened.names(), server.url + of.prefix

    words = str(raised.value)
    assert words.startswith(f"{label_of(of.kind, of.flavour)} at {url} has no model “nonesuch”.")
    assert all(name in words for name in names)
    assert names or "has no models" in words


@pytest.mark.parametrize("of", [each for each in KNOWN if "with a key" in each.title], ids=lambda of: of.title)
def test_a_locked_server_is_reported_by_its_name(of: StandIn) -> None:
    with of.serve() as server:
        with pytest.raises(errors.Unauthorized) as raised:
            backend(server, of).names()
        assert backend(server, of, headers=KEY).names()
        start = f"{label_of(of.kind, of.flavour)} at {server.url} said "

    assert str(raised.value).startswith(start)
    assert "Check the API key" in str(raised.value)


def test_jan_says_which_setting_lets_dify_in() -> None:
    with known.JAN_OTHER_HOST.serve() as server, pytest.raises(errors.Unauthorized, match="Trusted Hosts"):
        backend(server, known.JAN_OTHER_HOST).names()


def test_a_router_lists_what_is_not_loaded_and_tells_its_context_without_loading_it() -> None:
    with ReplayServer("llamacpp", {"/v1/models": "router_models_before", "/props": "router_props"}) as server:
        opened = open_backend(Server(server.url, "llamacpp", timeouts=QUICK))
        names, info = opened.names(), opened.describe("beta")

    assert names == ["alpha", "beta"]
    assert facts(info) == {
        "context_length": 2048, "structured_output": True, "loaded": False, "vision": False, "audio": False,
        "speech2text": False, "completion": True, "embedding": False, "rerank": False,
    }  # fmt: skip
    assert {(request.method, request.path) for request in server.requests} == {("GET", "/v1/models"), ("GET", "/props")}


def test_a_router_is_asked_about_a_loaded_model_and_told_not_to_load_it() -> None:
    answers = {
        "/v1/models": "router_models_after",
        "GET /props?model=alpha&autoload=false": "router_props_model",
        "/props": "router_props",
    }
    with ReplayServer("llamacpp", answers) as server:
        info = open_backend(Server(server.url, "llamacpp", timeouts=QUICK)).describe("alpha")

    assert (info.context_length, info.train_context_length, info.tools, info.thinking) == (2048, 4096, True, True)
    assert [request.path for request in server.requests][-1] == "/props?model=alpha&autoload=false"


ARGUMENTS = [
    (["--ctx-size", "8192"], {"context_length": 8192, "completion": True}),
    (["-c", "8192", "-np", "4"], {"context_length": 2048}),
    (["-c", "8192", "--parallel", "4", "--kv-unified"], {"context_length": 8192}),
    (["--ctx-size", "0"], {"context_length": None}),
    (["--embeddings", "-c", "512"], {"embedding": True, "rerank": False, "completion": False}),
    (["--embeddings", "--reranking"], {"embedding": False, "rerank": True, "completion": False}),
]


@pytest.mark.parametrize(("arguments", "expected"), ARGUMENTS)
def test_the_arguments_a_router_would_start_a_model_with_tell_what_it_will_be(arguments, expected) -> None:
    entry = {"id": "m", "owned_by": "llamacpp", "status": {"value": "unloaded", "args": ["llama-server", *arguments]}}
    pages = {"/v1/models": {"data": [entry]}, "/props": {"role": "router"}}
    with known.ROUTER.serve(**pages) as server:
        info = backend(server, known.ROUTER).describe("m")

    assert {name: getattr(info, name) for name in expected} == expected
