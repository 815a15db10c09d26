"""The quick check, as the one file that is copied into a checkout of Dify, and as a command of the kit."""

import ast
import json
import os
import shutil
import subprocess
import sys
from time import monotonic

import pytest

from scripts.test_ollama_quick import FIXES, roots
from tests.scripts import doctor_machines
from tests.scripts.doctor_machines import QUICK
from tests.scripts.test_doctor_sockets import closed_port
from tests.servers import Delivery, End, ReplayServer, Response, ScriptedServer, by_path
from tests.servers.bodies import DONE, compact, ndjson, ollama_line, ollama_stream, openai_stream, sse
from tests.servers.faults import llamacpp_error, lmstudio_unknown_path, loading, nested_500, wrong_key

OLLAMA = {
    "/api/version": Response.of_json({"version": "0.33.0"}),
    "/api/ps": Response.of_json({"models": []}),
    "/api/tags": Response.of_json({"models": [{"name": "qwen3:4b", "capabilities": ["completion", "thinking"]}]}),
    "/api/chat": Response.ndjson(ollama_stream("Hel", "lo")),
    "/v1/models": Response.of_json({"object": "list", "data": [{"id": "qwen3:4b"}]}),
    "/v1/chat/completions": Response.of_json({"choices": [{"message": {"content": "Hi"}}]}),
    "/v1/completions": Response.of_json({"choices": [{"text": "Hi"}]}),
    "/v1/embeddings": llamacpp_error(501, "not_supported_error", "This server does not support embeddings."),
}
FACTS = {"schema_version", "ok", "exit_code", "step", "url", "server", "models", "model", "routes"} | {
    "load_s", "ttft_s", "tokens", "tokens_per_s",
}  # fmt: skip


def run(*options, **how):
    return doctor_machines.run(*options, program=QUICK, **how)


def told(pages, *options, **env):
    with ScriptedServer(by_path(pages)) as server:
        result = run(f"--url={server.url}", "--json", *options, **env)
    facts = json.loads(result.stdout)
    assert (facts["schema_version"], facts["exit_code"]) == (1, result.returncode)
    return facts


def test_it_has_no_more_than_300_lines_and_needs_only_requests():
    text = QUICK.read_text(encoding="utf-8")
    modules = {name.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}

    assert len(text.splitlines()) <= 300
    assert {module.partition(".")[0] for module in modules} - sys.stdlib_module_names == {"requests"}


@pytest.mark.parametrize("piped", [False, True])
def test_the_real_llama_cpp_is_ready(demo_server, piped):
    result = run(f"--url={demo_server.url}", piped=piped)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "✅ LLAMA.CPP IS READY!"


def test_a_copy_alone_in_another_folder_works(demo_server, tmp_path):
    shutil.copy(QUICK, tmp_path)

    result = subprocess.run(
        [sys.executable, "test_ollama_quick.py", f"--url={demo_server.url}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert result.returncode == 0, result.stderr


def test_a_recorded_ollama_is_ready_with_its_own_numbers():
    answers = {"/api/chat": "chat_think_false_stream", "/v1/embeddings": "v1_embeddings", "/api/ps": "ps_loaded"}
    with ReplayServer("ollama", answers) as ollama:
        result = run(f"--url={ollama.url}/v1", "--model=tinychat")
        (asked,) = ollama.asked("/api/chat")

    assert result.stdout.splitlines()[-1] == "✅ OLLAMA IS READY!"
    assert (asked["think"], asked["stream"], asked["options"]) == (False, True, {"num_predict": 16})
    assert "s to load, " in result.stdout
    assert "tokens/s" in result.stdout


def test_other_servers_are_called_by_their_names():
    models = Response.of_json({"data": [{"id": "m", "owned_by": "vllm"}]})
    stream = Response.stream(openai_stream("Hel", "lo"))
    plain = {**OLLAMA, "/api/version": Response.of_text("Not Found", 404)}

    def chat(request):
        return stream if request.json.get("stream") else OLLAMA["/v1/chat/completions"]

    vllm = {**plain, "/v1/models": models, "/v1/chat/completions": chat}
    studio = {**plain, "/api/version": lmstudio_unknown_path(), "/v1/chat/completions": chat}
    assert [told(pages)["server"] for pages in (vllm, studio)] == ["vLLM", "LM Studio"]


def test_the_json_has_all_numbers():
    facts = told(OLLAMA)

    assert set(facts) == FACTS
    assert (facts["tokens"], facts["tokens_per_s"], facts["model"]) == (3, 1000.0, "qwen3:4b")
    assert facts["routes"]["/v1/embeddings"] == "no model for it"


def test_embeddings_are_tried_with_the_model_that_can():
    tags = Response.of_json({"models": [
        {"name": "nomic", "capabilities": ["embedding"]}, {"name": "qwen3:4b", "capabilities": ["completion"]},
    ]})  # fmt: skip
    pages = {**OLLAMA, "/api/tags": tags, "/v1/embeddings": Response.of_json({"data": [{"embedding": [0.1]}]})}
    with ScriptedServer(by_path(pages)) as ollama:
        facts = json.loads(run(f"--url={ollama.url}", "--json").stdout)

    assert ([each["model"] for each in ollama.asked("/v1/embeddings")], facts["model"]) == (["nomic"], "qwen3:4b")
    assert facts["routes"]["/v1/embeddings"] == "ok"


def test_a_model_that_cannot_chat_is_passed_over():
    cannot = Response.of_json({"error": '"embed" does not support chat'}, 400)
    tags = Response.of_json({"models": [{"name": "embed"}, {"name": "qwen3:4b"}]})

    def chat(request):
        return cannot if request.json["model"] == "embed" else OLLAMA["/api/chat"]

    assert told({**OLLAMA, "/api/tags": tags, "/api/chat": chat})["model"] == "qwen3:4b"


CUT = [ollama_line("Hel"), ollama_line("lo")]


@pytest.mark.parametrize(
    ("pages", "step", "code"),
    [
        ({"/api/version": Response.of_text("<h1>It works!</h1>")}, "Find the server", "WRONG_SERVICE"),
        ({"/api/version": loading(), "/v1/models": loading()}, "List its models", "LOADING"),
        ({"/api/version": wrong_key(), "/v1/models": wrong_key()}, "List its models", "AUTH"),
        ({**OLLAMA, "/api/tags": Response.of_json({"models": []})}, "List its models", "NO_MODELS"),
        ({**OLLAMA, "/api/chat": nested_500()}, "Stream a few tokens", "MODEL_FAILED"),
        ({**OLLAMA, "/api/chat": Response.ndjson(CUT)}, "Stream a few tokens", "STREAM_CUT"),
        ({**OLLAMA, "/api/chat": Response.ndjson(CUT, End.CLOSE)}, "Stream a few tokens", "STREAM_CUT"),
        ({**OLLAMA, "/api/chat": Response.ndjson(CUT, End.RESET)}, "Stream a few tokens", "STREAM_CUT"),
        ({**OLLAMA, "/api/chat": Response.ndjson([])}, "Stream a few tokens", "STREAM_CUT"),
        (
            {
                **OLLAMA,
                "/api/chat": Response.ndjson([*CUT, ndjson({"error": "model runner has unexpectedly stopped"})]),
            },
            "Stream a few tokens",
            "MODEL_FAILED",
        ),
        (
            {**OLLAMA, "/v1/completions": Response.of_text("404 page not found", 404)},
            "Try OpenAI's routes",
            "ROUTE_MISSING",
        ),
        ({**OLLAMA, "/v1/completions": lmstudio_unknown_path()}, "Try OpenAI's routes", "MODEL_FAILED"),
    ],
)
def test_the_first_step_that_fails_is_told_with_its_remedy(pages, step, code):
    with ScriptedServer(by_path(pages)) as server:
        result = run(f"--url={server.url}")

    assert result.returncode == 1
    assert result.stdout.splitlines()[-3:][0::2] == [f"❌ {step}: {code}", f"  → {FIXES[code]}"]


NOT_GZIP = Response(500, [b"hello"], {"Content-Encoding": "gzip"})
HALF = Response(500, [b'{"error'], {"Content-Length": "100"}, end=End.CLOSE)


@pytest.mark.parametrize("odd", [5, "x", [5], ["x"], {"a": 1}], ids=repr)
def test_an_answer_of_a_shape_that_no_server_gives_is_a_failure_and_no_traceback(odd):
    for pages in ({"/api/tags": {"models": odd}}, {"/api/chat": {"message": odd, "done": True}}):
        facts = told({**OLLAMA, **{path: Response.of_json(page) for path, page in pages.items()}})
        assert facts["code"] in ("STRANGE", "STREAM_CUT")


@pytest.mark.parametrize("answer", [NOT_GZIP, HALF], ids=["no gzip", "half an error"])
def test_an_error_that_cannot_be_read_is_a_failure_and_no_traceback(answer):
    assert told({**OLLAMA, "/api/chat": answer})["code"] == "STRANGE"


def test_a_cut_in_any_place_of_a_recorded_stream_is_a_failure():
    for after in (1, 200, 1000):
        with ReplayServer("ollama", {"/api/chat": "chat_stop_stream"}, Delivery()) as whole:
            recorded = whole.recordings["chat_stop_stream"].body
        pages = {**OLLAMA, "/api/chat": Response(200, [recorded[: min(after, len(recorded) - 2)]], end=End.CLOSE)}
        assert told(pages)["code"] == "STREAM_CUT"


def test_a_stream_of_events_without_its_end_is_cut():
    events = openai_stream("Hel", "lo")
    pages = {
        "/v1/models": Response.of_json({"data": [{"id": "m"}]}),
        "/v1/chat/completions": [Response.stream(events[:-1]), Response.stream(events)],
    }

    assert events[-1] == DONE
    assert told(pages)["code"] == "STREAM_CUT"


def test_an_error_event_is_a_failure_in_the_server_s_words():
    error = sse(compact({"error": {"message": "Context size has been exceeded."}}).decode())
    pages = {
        "/v1/models": Response.of_json({"data": [{"id": "m"}]}),
        "/v1/chat/completions": Response.stream([*openai_stream("Hel")[:2], error]),
    }

    facts = told(pages)

    assert (facts["code"], "Context size has been exceeded" in facts["error"]) == ("MODEL_FAILED", True)


def test_a_model_that_is_not_there_is_told_with_those_that_are():
    facts = told(OLLAMA, "--model=llama3")

    assert (facts["code"], facts["error"]) == ("MODEL_MISSING", "llama3 is not there; there are: qwen3:4b")


def test_nothing_there_is_told_with_what_to_do():
    result = run(f"--url=http://127.0.0.1:{closed_port()}")

    assert (result.returncode, result.stdout.splitlines()[0]) == (1, "❌ Find the server: NO_SERVER")


def test_it_polls_until_the_server_is_there():
    ready = OLLAMA["/api/version"]
    with ScriptedServer(
        by_path({**OLLAMA, "/api/version": [loading(), ready], "/v1/models": [loading(), OLLAMA["/v1/models"]]})
    ) as server:
        result = run(f"--url={server.url}", "--wait=20", "--quiet")

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_while_it_waits_it_says_for_what_and_each_thing_once():
    with ScriptedServer(by_path({"/api/version": loading(), "/v1/models": loading()}, loading())) as server:
        lines = run(f"--url={server.url}", "--wait=2.5").stdout.splitlines()

    assert [line[:10] for line in lines[:-3]] == ["✓ Server  ", "· Wait    "]
    assert "LOADING" in lines[1]


def test_it_does_not_wait_longer_than_it_should():
    began = monotonic()

    result = run(f"--url=http://127.0.0.1:{closed_port()}", "--wait=1.5", "--json")

    assert (result.returncode, json.loads(result.stdout)["exit_code"]) == (4, 4)
    assert 1.4 < monotonic() - began < 4


def test_the_key_comes_from_the_environment_and_is_never_shown():
    with ScriptedServer(by_path(OLLAMA)) as server:
        result = run(f"--url={server.url}", "--json", LOCAL_MODELS_API_KEY="very-secret")

    assert "Bearer very-secret" in {request.headers.get("authorization") for request in server.requests}
    assert "very-secret" not in result.stdout + result.stderr


@pytest.mark.parametrize("typed", ["host:abc", "[::1", "http:host", "127.0.0.1:11434,", "http://", "a b"])
def test_an_address_that_is_none_is_a_usage_error_in_words_and_in_json(typed):
    result = run(f"--url={typed}", "--json")
    facts = json.loads(result.stdout)

    assert result.returncode == facts["exit_code"] == 2
    assert facts["schema_version"] == 1
    assert facts["error"].startswith("an address looks like")


def test_whoever_reads_only_the_beginning_gets_no_traceback():
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [sys.executable, QUICK, "--url=127.0.0.1:9"], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=30
    )
    os.close(writer)

    assert (result.returncode, result.stderr) == (1, b"")


@pytest.mark.parametrize("typed", ["0", "0.0.0.0", ":11434", "[::]"])
def test_what_ollama_listens_at_is_asked_at_loopback(typed):
    assert roots(typed)[0] == "http://127.0.0.1:11434"


@pytest.mark.parametrize("server", ["embedding_server", "rerank_server"])
def test_a_server_that_only_embeds_is_told_to_have_no_model_that_chats(server, request):
    result = run(f"--url={request.getfixturevalue(server).url}", "--json")

    assert json.loads(result.stdout)["code"] == "NO_MODELS"
