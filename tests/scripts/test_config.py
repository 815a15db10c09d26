"""`python -m scripts config …`: the text each program gets, from servers that are really there."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from scripts.config.command import CLIENTS
from scripts.config.command import config as group
from tests.scripts.recorded_ollama import ollama
from tests.servers import Response, ScriptedServer, by_path

ROOT = Path(__file__).parents[2]
KEY = "geheim-4711"
PINNED = re.compile(r"[a-z0-9-]+==[^\s\\;]+( \\\n    --hash=sha256:[0-9a-f]{64})+")


def config(*options: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "NO_COLOR": "1", **more}
    return subprocess.run(
        [sys.executable, "-m", "scripts", "config", *options],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def quick(*options: str) -> Result:
    """The same within this process."""
    return CliRunner().invoke(group, [*options], catch_exceptions=False)


def text(*options: str) -> str:
    run = quick(*options)
    assert run.exit_code == 0, run.stderr
    return run.stdout


@pytest.fixture
def servers(demo_server, embedding_server):
    """Addresses of a recorded Ollama and of two real llama.cpp servers."""
    with ollama() as recorded:
        yield {"ollama": recorded.url, "chat": demo_server.url, "embedding": embedding_server.url}


def all_of(servers: dict[str, str]) -> str:
    return ",".join(servers.values())


def test_stdout_is_the_file_and_notes_are_beside_it(servers):
    run = config("litellm", "--server", servers["chat"])

    assert run.returncode == 0, run.stderr
    assert yaml.safe_load(run.stdout) == {
        "model_list": [
            {
                "model_name": "demo",
                "litellm_params": {"model": "openai/demo", "api_base": f"{servers['chat']}/v1", "api_key": "EMPTY"},
                "model_info": {
                    "mode": "chat",
                    "max_input_tokens": 2048,
                    "supports_function_calling": True,
                    "supports_vision": False,
                },
            }
        ]
    }


def test_json_has_the_same_text_and_what_it_was_made_of(servers):
    run = config("qwen-agent", "--server", all_of(servers), "--json")

    facts = json.loads(run.stdout)
    assert (facts["schema_version"], facts["ok"], facts["client"]) == (1, True, "qwen-agent")
    assert facts["content"] == text("qwen-agent", "--server", all_of(servers))
    assert [server["kind"] for server in facts["servers"]] == ["ollama", "llamacpp", "llamacpp"]
    assert {(model["name"], model["type"]) for model in facts["models"]} == {
        ("tinychat:latest", "llm"), ("tinyembed:latest", "text-embedding"), ("demo", "llm"), ("embedding", "text-embedding"),
    }  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_the_key_is_never_in_it_and_its_variable_is(client, servers, monkeypatch):
    monkeypatch.setenv("LOCAL_MODELS_API_KEY", KEY)

    run = quick(client.name, "--server", servers["chat"])

    assert run.exit_code == 0, run.stderr
    assert KEY not in run.stdout + run.stderr
    assert "LOCAL_MODELS_API_KEY" in run.stdout


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_every_text_can_be_read_by_what_reads_such_files(client, servers):
    content = text(client.name, "--server", all_of(servers))

    assert content.startswith(f"# Made by: python -m scripts config {client.name}")
    if client.format == "python":
        ast.parse(content)
    else:
        assert yaml.safe_load(content)
        assert "&id" not in content


def test_litellm_asks_ollama_by_its_own_routes_and_all_others_by_openais(servers):
    entries = yaml.safe_load(text("litellm", "--server", all_of(servers)))["model_list"]

    routes = {entry["model_name"]: (entry["litellm_params"]["model"], entry["model_info"]["mode"]) for entry in entries}
    assert routes == {
        "tinychat:latest": ("ollama_chat/tinychat:latest", "chat"),
        "tinyembed:latest": ("ollama/tinyembed:latest", "embedding"),
        "demo": ("openai/demo", "chat"),
        "embedding": ("openai/embedding", "embedding"),
    }
    assert entries[0]["litellm_params"]["num_ctx"] == 4096
    assert entries[0]["litellm_params"]["api_base"] == servers["ollama"]


def test_a_rerank_server_is_given_to_litellm_with_the_route_it_has(rerank_server):
    [entry] = yaml.safe_load(text("litellm", "--server", rerank_server.url))["model_list"]

    assert entry["litellm_params"]["model"] == "hosted_vllm/rerank"
    assert entry["litellm_params"]["api_base"] == f"{rerank_server.url}/v1"
    assert entry["model_info"] == {"mode": "rerank"}


def test_continue_learns_what_the_server_says_its_models_can_do(servers):
    models = yaml.safe_load(text("continue", "--server", all_of(servers)))["models"]

    assert [(model["provider"], model["roles"]) for model in models] == [
        ("ollama", ["chat", "edit", "apply"]), ("ollama", ["embed"]),
        ("openai", ["chat", "edit", "apply"]), ("openai", ["embed"]),
    ]  # fmt: skip
    assert models[2]["capabilities"] == ["tool_use"]
    assert models[2]["defaultCompletionOptions"] == {"contextLength": 2048}


def test_programs_in_containers_are_given_the_address_that_containers_need(servers):
    dify = yaml.safe_load(text("dify", "--server", servers["chat"], "--host", "172.17.0.1"))
    compose = yaml.safe_load(text("open-webui", "--server", all_of(servers)))

    port = servers["chat"].rpartition(":")[2]
    assert dify["models"][0]["credentials"] == {"base_url": f"http://172.17.0.1:{port}", "server": "llamacpp"}
    service = compose["services"]["open-webui"]
    assert service["extra_hosts"] == ["host.docker.internal:host-gateway"]
    assert service["environment"]["OLLAMA_BASE_URLS"] == servers["ollama"].replace("127.0.0.1", "host.docker.internal")
    assert service["environment"]["OPENAI_API_KEYS"] == "EMPTY;EMPTY"
    assert service["environment"]["OPENAI_API_BASE_URLS"].count("/v1") == 2


def test_over_v1_ollama_is_not_trusted_with_more_context_than_it_takes_unasked():
    with ollama({"/api/ps": Response.of_json({"models": []})}) as cold:
        run = quick("qwen-agent", "--server", cold.url)

    assert '"max_input_tokens": 3072,  # of a context of 4096' in run.stdout
    assert "python -m scripts host ollama --context-length" in run.stderr


def test_one_model_may_be_named(servers):
    named = text("openai", "--server", all_of(servers), "--model", "demo")
    missing = quick("openai", "--server", all_of(servers), "--model", "qwen3:4b")
    no_chat = quick("openai", "--server", all_of(servers), "--model", "embedding")

    assert f'base_url="{servers["chat"]}/v1"' in named
    assert missing.exit_code == 1
    assert "The server has:" not in missing.stdout
    assert "demo, embedding, tinychat:latest, tinyembed:latest" in missing.stderr
    assert no_chat.exit_code == 1
    assert "needs a chat model" in no_chat.stderr


def test_the_default_model_of_the_settings_wins_over_what_is_loaded(servers, monkeypatch):
    monkeypatch.setenv("OLLAMA_BASE_URL", all_of(servers))
    monkeypatch.setenv("OLLAMA_DEFAULT_MODEL", "demo")

    assert 'MODEL = "demo"' in text("openai")


def test_a_name_with_quotes_stays_a_name_in_python_and_yaml():
    name = 'a"b\\c\n{{ x }}: é'
    listed = {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "vllm", "max_model_len": 4096}]}
    with ScriptedServer(by_path({"/v1/models": Response.of_json(listed)})) as server:
        module = ast.parse(text("openai", "--server", server.url))
        entries = yaml.safe_load(text("litellm", "--server", server.url))["model_list"]

    [value] = [
        node.value.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MODEL"
    ]
    assert value == name
    assert entries[0]["model_name"] == name


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--server", "http://127.0.0.1:9"), 1, "refuses the connection"),
        (("--server", "ftp://x"), 2, "http:// and https://"),
        (("--host", "http://x/y", "--server", "http://127.0.0.1:9"), 2, "name of a host only"),
    ],
)
def test_what_cannot_be_asked_is_told_in_words(options, code, words):
    run = quick("dify", *options)

    assert run.exit_code == code
    assert words in run.stderr
    assert run.stdout == ""


def test_the_clients_libraries_are_pinned_with_hashes_and_without_an_address():
    requirements = (ROOT / "scripts/config/requirements-clients.txt").read_text().strip()
    blocks = re.split(r"\n(?=\S)", requirements)

    assert {"openai", "qwen-agent"} <= {block.partition("==")[0] for block in blocks}
    assert [block for block in blocks if not PINNED.fullmatch(block)] == []


def test_an_empty_server_is_told_how_to_get_a_model():
    with ollama({"/api/tags": Response.of_json({"models": []})}) as empty:
        run = quick("litellm", "--server", empty.url)

    assert run.exit_code == 1
    assert "python -m scripts pull" in run.stderr


@pytest.mark.parametrize("client", ["openai", "litellm"])
def test_models_that_cannot_be_described_are_not_told_to_be_missing(client):
    with ollama({"/api/show": Response.of_json({"error": "invalid file magic"}, 500)}) as server:
        run = quick(client, "--server", server.url)

    assert run.exit_code == 1
    assert "tinychat:latest: Ollama at" in run.stderr
    assert "invalid file magic" in run.stderr
    assert "pull" not in run.stderr
