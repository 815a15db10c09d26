"""Lists and descriptions of models that are JSON, but of another shape than the server's own."""

import copy
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from provider.core.backends import Backend, open_backend
from provider.core.errors import ServerError
from provider.core.fingerprint.identify import identify
from provider.core.http import Http, Reply
from provider.core.server import Server
from tests.core.wire.test_odd_shapes import paths, planted

JUNK = [None, True, 0, "x", [], {}, [None], ["a"], {"a": 1}, 3.5]
LLAMACPP = {
    "/v1/models": {
        "data": [
            {
                "id": "m",
                "aliases": ["a"],
                "status": {"value": "loaded", "args": ["--ctx-size", "10"]},
                "architecture": {"input_modalities": ["text"]},
                "meta": {"n_ctx_train": 4, "n_embd": 5},
            }
        ]
    },
    "/props": {
        "role": "router",
        "default_generation_settings": {"n_ctx": 4, "params": {"mirostat": 1}},
        "modalities": {"vision": True},
        "chat_template": "a",
        "chat_template_caps": {"supports_tools": True},
    },
}
OLLAMA = {
    "/api/version": {"version": "0.33.0"},
    "/api/tags": {"models": [{"name": "m"}]},
    "/api/ps": {"models": [{"name": "m", "context_length": 4096}]},
    "/api/show": {
        "capabilities": ["completion"],
        "details": {"context_length": 1},
        "parameters": "num_ctx 4",
        "model_info": {"general.architecture": "l", "l.context_length": 4096},
    },
}
LMSTUDIO = {
    "key": "m",
    "type": "llm",
    "variants": ["a"],
    "max_context_length": 9,
    "capabilities": {"vision": True},
    "loaded_instances": [{"id": "m", "config": {"context_length": 4}}],
}
OLDER_LMSTUDIO = {"id": "m", "type": "llm", "state": "loaded", "max_context_length": 9, "capabilities": ["tool_use"]}
WORLDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ollama": ("ollama", "", OLLAMA),
    "llama.cpp": ("llamacpp", "", LLAMACPP),
    "LM Studio": ("lmstudio", "", {"/api/v1/models": {"models": [LMSTUDIO]}}),
    "LM Studio 0.3": ("lmstudio", "", {"/api/v0/models": {"data": [OLDER_LMSTUDIO]}}),
    "vLLM": ("openai", "vllm", {"/v1/models": {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 10}]}}),
}


class Answers(Http):
    """A server without a network: what it says at each path."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def _whole(self, method: str, path: str, body: Any, timeout: float) -> Reply:
        found = self._answers.get(path.partition("?")[0])
        return (
            Reply(200, {}, json.dumps(found).encode()) if found is not None else Reply(404, {}, b"404 page not found")
        )


def asked_everything(backend: Backend, http: Answers) -> None:
    questions = [
        backend.names,
        backend.offers,
        lambda: backend.describe("m"),
        lambda: backend.pick("chat"),
        lambda: backend.pick("embedding"),
        lambda: backend.window_in_use("m"),
        lambda: identify(http.get),
    ]
    for question in questions:
        with suppress(ServerError):
            question()


@pytest.mark.parametrize("world", WORLDS)
def test_no_value_of_another_kind_is_more_than_an_error_of_ours(world: str) -> None:
    kind, flavour, answers = WORLDS[world]
    for path in paths(answers):
        for junk in JUNK if path else ():
            http = Answers(planted(copy.deepcopy(answers), path, copy.deepcopy(junk)))
            backend = open_backend(Server("http://127.0.0.1:1", kind), flavour)  # type: ignore[arg-type]
            http.server, backend.http = backend.http.server, http
            asked_everything(backend, http)
