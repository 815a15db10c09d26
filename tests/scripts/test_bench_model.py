"""`python -m scripts bench-model`, on a real llama.cpp server and on what a real Ollama answered."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from scripts.bench_model.command import bench_model
from tests.scripts.recorded_ollama import ollama, recorded
from tests.servers import Request, Response, ScriptedServer, by_path
from tests.servers.streams import openai as openai_answer
from tests.servers.streams import openai_trickles

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "scripts", "bench-model"]
LOADED, EMPTY = recorded("ps_loaded"), Response.of_json({"models": []})
WARM = b'"load_duration":1153628,'
COLD = b'"load_duration":2153628000,'


def bench(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True,
        timeout=100, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def quick(*options: str) -> Result:
    """The same within this process."""
    app = Typer()
    app.command()(bench_model)
    return CliRunner().invoke(app, [*options], catch_exceptions=False)


def facts(*options: str) -> dict:
    run = quick(*options, "--json")
    assert run.exit_code == 0, run.stderr
    return json.loads(run.stdout)


class OllamaInMemory:
    """A recorded Ollama that loads and unloads; a load takes 2.15 s by its own clock."""

    def __init__(self, *, loaded: bool) -> None:
        self.loaded = loaded
        self.log: list[str] = []
        self.server = ollama({"/api/ps": self.ps, "/api/chat": self.chat, "/api/generate": self.generate})

    def ps(self, _: Request) -> Response:
        return LOADED if self.loaded else EMPTY

    def chat(self, _: Request) -> Response:
        self.log.append("warm" if self.loaded else "cold")
        answer, was_loaded, self.loaded = recorded("chat_length_stream"), self.loaded, True
        return answer if was_loaded else answer.but(steps=[step.replace(WARM, COLD) for step in answer.steps])

    def generate(self, request: Request) -> Response:
        assert request.json == {"model": "tinychat", "keep_alive": 0}
        self.loaded = False
        self.log.append("unload")
        return Response.of_json({"model": "tinychat", "response": "", "done": True, "done_reason": "unload"})


def test_a_real_server_is_measured_by_its_counters_and_by_the_clock(demo_server):
    run = bench(demo_server.url, "--runs", "3", "--prompt-tokens", "256", "--output-tokens", "32", "--json")

    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["schema_version"], told["ok"], told["runs"]) == (1, True, 3)
    [model] = told["models"]
    warm = model["warm"]
    assert (model["model"], model["cold"], model["context_length"]) == ("demo", None, 2048)
    assert warm["prompt_tokens"]["median"] == pytest.approx(256, rel=0.1)
    assert warm["output_tokens"]["values"] == [32, 32, 32]
    assert warm["cached_tokens"]["max"] < 20, "each question is new"
    assert warm["ttft_ms"]["min"] <= warm["ttft_ms"]["median"] <= warm["ttft_ms"]["max"] < warm["e2e_ms"]["max"]
    assert warm["decode_tps_client"]["median"] == pytest.approx(warm["decode_tps_server"]["median"], rel=0.9)
    assert warm["prefill_tps_client"]["median"] < warm["prefill_tps_server"]["max"] * 1.2
    assert model["notes"] == []


def test_a_person_gets_a_table(demo_server):
    run = bench(demo_server.url, "--runs", "2", "--prompt-tokens", "64", "--output-tokens", "8")

    assert run.returncode == 0, run.stderr
    heading, units, row, told = run.stdout.splitlines()[:4]
    assert heading.split() == ["load", "s", "TTFT", "prefill", "t/s", "decode", "t/s"]
    assert units.split() == ["model", *["server", "client"], "ms", *["server", "client"] * 2]
    assert row.split()[:4] == ["demo", "warm", "–", "–"]
    assert row.count("±") == 5
    assert "question of 64 tokens, new for each run, answer of 8; median of 2 runs" in told


def test_ollama_is_unloaded_once_after_a_yes_and_timed_cold_and_warm():
    memory = OllamaInMemory(loaded=True)
    with memory.server as server:
        told = facts(server.url, "--model", "tinychat", "--cold", "--yes", "--runs", "2")
        asked = server.asked("/api/chat")

    assert memory.log == ["warm", "unload", "cold", "warm", "warm"]
    [model] = told["models"]
    assert model["cold"]["load_s_server"]["values"] == [2.154]
    assert model["cold"]["load_s_client"]["median"] >= 0
    assert model["cold"]["prefill_tps_server"]["values"] == [pytest.approx(27 / 0.182424, rel=1e-3)]
    assert model["warm"]["decode_tps_server"]["values"] == [pytest.approx(3 / 0.37182, rel=1e-3)] * 2
    assert {each["options"]["num_ctx"] for each in asked} == {4096}, "another size would load it anew"
    assert [each["options"]["num_predict"] for each in asked] == [8, 128, 128, 128]
    beginnings = {each["messages"][0]["content"][:8] for each in asked}
    assert len(beginnings) == len(asked), "no question begins like another"


def test_a_model_that_is_not_in_memory_is_cold_without_being_unloaded():
    memory = OllamaInMemory(loaded=False)
    with memory.server as server:
        told = facts(server.url, "--model", "tinychat", "--runs", "1")

    assert memory.log == ["cold", "warm"]
    assert told["models"][0]["cold"]["load_s_server"]["median"] == pytest.approx(2.154, abs=0.001)


def test_nothing_is_unloaded_when_nobody_can_be_asked():
    memory = OllamaInMemory(loaded=True)
    with memory.server as server:
        run = bench(server.url, "--model", "tinychat", "--cold")

    assert run.returncode == 2
    assert "--yes" in run.stderr
    assert memory.log == []


def test_markdown_has_lowest_and_highest_and_says_how_it_was_measured():
    with OllamaInMemory(loaded=False).server as server:
        run = quick(server.url, "--model", "tinychat", "--markdown", "--runs", "2")

    lines = run.stdout.splitlines()
    assert lines[0].startswith("| model |  | load s (server) | load s (client) | TTFT ms |")
    assert lines[2].startswith("| tinychat | cold | 2.15 | ")
    assert lines[3].startswith("|  | warm | – | – | ")
    assert "| 8.07 (8.07–8.07) |" in lines[3]
    assert lines[5].startswith("Ollama 0.33.0-test: question of 512 tokens, new for each run")
    assert "* tinychat: answers ended after 3 of 128 tokens: rough rates." in lines


def test_one_model_that_fails_does_not_keep_the_others_from_being_measured():
    with OllamaInMemory(loaded=True).server as server:
        run = quick(
            server.url, "--model", "tinyembed", "--model", "nowhere", "--model", "tinychat", "--runs", "1", "--json"
        )

    told = json.loads(run.stdout)
    assert run.exit_code == 1
    assert told["ok"] is False
    embedding, nowhere, chat = told["models"]
    assert embedding["error"] == "tinyembed cannot chat, and only chat is timed"
    assert "ollama pull nowhere" in nowhere["error"]
    assert chat["error"] == ""
    assert chat["warm"]


def test_a_server_without_counters_is_timed_by_the_clock_alone():
    listed = Response.of_json({"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "vllm"}]})
    answer = openai_answer(*"abcdef")
    with ScriptedServer(by_path({"/v1/models": listed, "/v1/chat/completions": answer})) as server:
        told = facts(server.url, "--runs", "1", "--output-tokens", "3", "--cold")

    [model] = told["models"]
    assert "decode_tps_server" not in model["warm"]
    assert model["warm"]["output_tokens"]["median"] == 3, "the server's count, not the number of pieces"
    assert model["notes"] == [
        "its server has no route to unload it: no cold figures",
        "the server tells no times of its own",
    ]


def test_a_question_that_does_not_fit_is_made_shorter(demo_server):
    [model] = facts(demo_server.url, "--runs", "1", "--prompt-tokens", "9000", "--output-tokens", "8")["models"]

    first, *more = model["notes"]
    assert first == "prompt of 1976 tokens: the context holds 2,048"
    assert all(note.endswith("a longer one does not fit") for note in more)  # of random words some are more tokens
    assert model["warm"]["prompt_tokens"]["median"] < 2048


def test_control_c_ends_it_without_a_traceback():
    listed = Response.of_json({"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "vllm"}]})
    with ScriptedServer(by_path({"/v1/models": listed, "/v1/chat/completions": openai_trickles()})) as server:
        run = subprocess.Popen(
            [*COMMAND, server.url], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while not server.asked("/v1/chat/completions"):
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=20)

    assert run.returncode == 130
    assert errors.strip() == "✗ interrupted"


@pytest.mark.parametrize("options", [("--runs", "0"), ("--prompt-tokens", "3"), ("ftp://x",)])
def test_what_cannot_be_meant_is_refused(options):
    assert quick(*options).exit_code == 2


def test_a_dead_server_is_told_with_the_cause():
    run = quick("http://127.0.0.1:9")

    assert run.exit_code == 1
    assert "refuses the connection" in run.stderr
