"""`python -m scripts pull` as a person or a program runs it."""

import json
import signal
import subprocess
import sys
import time

import pytest

from scripts.ollama_service import PullProgress
from scripts.pull.layers import Layers
from scripts.pull.running import wanted
from tests.scripts import kit_runs
from tests.scripts.ollama_asking import gone
from tests.scripts.pull_streams import MANIFEST, SUCCESS, VERIFYING, layer, ollama, pulled, tags, whole
from tests.servers import End, Response, ScriptedServer, by_path
from tests.servers.bodies import ndjson

MB = 1_000_000
SMALL = whole(*layer("a", 3 * MB, 0, MB, 3 * MB), *layer("b", 500, 500))
SLOW = pulled(MANIFEST, *layer("a", 4 * MB, 0, MB), end=End.HANG)
FACTS = {"name", "state", "error", "total_bytes", "downloaded_bytes", "already_there_bytes", "seconds", "digest"}


def run(*arguments, **environment):
    return kit_runs.run("pull", *arguments, **environment)


def run_here(*arguments, **environment):
    return kit_runs.run_here("pull", *arguments, **environment)


def pulls(server, *names):
    """The exit code, and what was told of each model."""
    result = run_here("--json", "--server", server.url, *names)
    told = json.loads(result.stdout)
    assert (told["schema_version"], told["server"]) == (1, server.url)
    assert (told["ok"], told["exit_code"]) == (result.returncode == 0, result.returncode)
    assert all(set(model) == FACTS for model in told["models"])
    return result.returncode, {model["name"]: model for model in told["models"]}


def test_a_model_is_pulled_and_a_person_told_how_much_came():
    with ollama(qwen3_4b=SMALL) as server:
        result = run("qwen3:4b", "--server", server.url)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"Ollama at {server_url(result)}\n✓ qwen3:4b: pulled, 3.0 MB\n"


def server_url(result):
    return result.stdout.splitlines()[0].removeprefix("Ollama at ")


def test_each_model_has_its_own_end_and_one_bad_one_makes_the_exit_code():
    full_disk = pulled(MANIFEST, *layer("c", 9 * MB, 2 * MB), ndjson({"error": "no space left on device"}))
    with ollama(tags(there_latest="same"), good=SMALL, there=whole(), full=full_disk) as server:
        code, told = pulls(server, "good", "there", "nope:7b", "full")

    assert code == 1
    assert {name: model["state"] for name, model in told.items()} == {
        "good": "pulled",
        "there": "already_there",
        "nope:7b": "not_found",
        "full": "failed",
    }
    assert "no space left on device" in told["full"]["error"]
    assert (told["full"]["already_there_bytes"], told["full"]["downloaded_bytes"]) == (2 * MB, 0)
    assert "The registry has no “nope:7b”" in told["nope:7b"]["error"]


def test_a_person_reads_the_same():
    with ollama(tags(there_latest="same", full_latest="old"), there=whole(), full=pulled(MANIFEST)) as server:
        result = run_here("there", "nope:7b", "full", "--server", server.url)

    assert result.returncode == 1
    assert "✓ there: already there, nothing newer to download" in result.stdout
    assert "✗ nope:7b: not found." in result.stderr
    assert "✗ full: failed." in result.stderr
    assert "→ The version that is there was not touched." in result.stderr


def test_a_newer_version_counts_as_pulled():
    with ollama([tags(qwen3_4b="old"), tags(qwen3_4b="new")], qwen3_4b=SMALL) as server:
        code, told = pulls(server, "qwen3:4b")

    assert (code, told["qwen3:4b"]["state"], told["qwen3:4b"]["digest"]) == (0, "pulled", "new")


def test_what_an_earlier_run_left_is_not_counted_as_downloaded():
    cut = pulled(MANIFEST, *layer("a", 30 * MB, 0, 12 * MB), end=End.RESET)
    rest = whole(*layer("a", 30 * MB, 12 * MB, 20 * MB))  # the line with all of it never comes
    with ollama(m=(cut, rest)) as server:
        first, second = run_here("m", "--server", server.url), run_here("m", "--server", server.url)

    assert (first.returncode, second.returncode) == (1, 0)
    assert "✗ m: failed at 12.0 MB of 30.0 MB." in first.stderr
    assert "→ Pulling again goes on from there." in first.stderr
    assert "✓ m: pulled, 18.0 MB of 30.0 MB, 12.0 MB were there already" in second.stdout


def test_the_same_model_under_two_names_is_pulled_once():
    assert wanted(["a", "a:latest", "b:1b", "library/A", "registry.ollama.ai/library/b:1b", "c"]) == ["a", "b:1b", "c"]


@pytest.mark.parametrize(("parallel", "seconds"), [("1", 0.6), ("2", 0.3)])
def test_no_more_pulls_run_at_once_than_allowed(parallel, seconds):
    times = []

    def slow(request):
        times.append(time.monotonic())
        return pulled(MANIFEST, 0.3, SUCCESS)

    answers = {"/api/version": Response.of_json({"version": "1"}), "/api/tags": Response.of_json({"models": []})}
    with ScriptedServer(by_path({**answers, "/api/pull": slow})) as server:
        assert run_here("a", "b", "c", "--parallel", parallel, "--server", server.url).returncode == 0

    assert len(times) == 3
    assert times[2] - times[0] > seconds * 0.9
    assert (times[1] - times[0] < 0.2) == (parallel == "2")


def interrupted(server, *options):
    with subprocess.Popen(
        **kit_runs.command("pull", "a", "b", "c", "--server", server.url, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        until = time.monotonic() + 10
        while len(server.asked("/api/pull")) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        return *process.communicate(timeout=10), process.returncode


def test_ctrl_c_ends_the_downloads_and_says_where_they_stood():
    with ollama(a=SLOW, b=SLOW) as server:
        out, err, code = interrupted(server)
        assert server.client_left.wait(2)

    assert (code, len(out.splitlines())) == (130, 1)
    assert err.splitlines() == [
        "✗ interrupted: a at 1.0 MB of 4.0 MB, b at 1.0 MB of 4.0 MB, c before its first byte",
        "  → The same command goes on from there.",
    ]


def test_ctrl_c_leaves_one_json_object_too():
    with ollama(a=SLOW, b=SLOW) as server:
        out, _, code = interrupted(server, "--json")

    told = json.loads(out)
    assert (code, told["exit_code"], told["ok"]) == (130, 130, False)
    assert [(model["name"], model["state"]) for model in told["models"]] == [(name, "cancelled") for name in "abc"]


def test_quiet_says_only_what_went_wrong():
    with ollama(good=SMALL) as server:
        result = run_here("good", "nope", "--quiet", "--server", server.url)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("✗ nope: not found.")
    assert len(result.stderr.splitlines()) == 1


def test_on_a_terminal_each_layer_has_a_bar():
    pytest.importorskip("pty")
    steps = [0.3, *layer("a", 40 * MB, 0), 0.3, *layer("a", 40 * MB, 20 * MB), 0.3, *layer("b", 2 * MB, 2 * MB), 0.3]
    with ollama(qwen3_4b=whole(*steps, VERIFYING, 0.3)) as server:
        started = kit_runs.command("pull", "qwen3:4b", "--server", server.url, TERM="xterm")
        on_a_terminal = [
            sys.executable,
            "-c",
            "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))",
            *started.pop("args"),
        ]
        seen = subprocess.run(
            on_a_terminal, **started, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True
        ).stdout

    shown = ("pulling manifest", "aaaaaaaaaaaa", "20.0/40.0 MB", "bbbbbbbbbbbb", "verifying sha256 digest", "✓")
    assert [each for each in shown if each not in seen] == []


# Which server


def test_the_server_comes_from_flag_environment_or_file(tmp_path):
    file = tmp_path / "settings.yaml"
    with ollama(m=whole()) as server:
        nowhere, port = gone().url, server.port
        file.write_text(f"ollama_base_url: {server.url}\n")
        assert run_here("m", OLLAMA_HOST=f"0.0.0.0:{port}").returncode == 0
        assert run_here("m", OLLAMA_HOST=nowhere, OLLAMA_BASE_URL=server.url).returncode == 0
        assert run_here("m", "--server", server.url, OLLAMA_BASE_URL=nowhere).returncode == 0
        assert run_here("m", "--config", str(file)).returncode == 0
        assert run_here("m", "--config", str(file), OLLAMA_BASE_URL=nowhere).returncode == 1


def test_nobody_there_is_told_with_what_to_do():
    result = run("m", "--json", "--server", gone().url)

    assert result.returncode == 1
    assert "refuses the connection: no server listens" in json.loads(result.stdout)["error"]
    assert "Start Ollama: `ollama serve`" in result.stderr


def test_another_program_than_ollama_is_called_by_its_name():
    other = Response.of_json({"error": {"code": 404, "message": "File Not Found"}}, 404, Server="llama.cpp")
    with ScriptedServer(other) as server:
        result = run_here("m", "--server", server.url)

    assert result.returncode == 1
    assert "is llama.cpp: only Ollama pulls models" in result.stderr


def test_of_several_servers_the_one_ollama_is_asked_and_of_two_none():
    with ollama(m=whole()) as one, ollama() as two:
        assert run_here("m", OLLAMA_BASE_URL=f"a={one.url}, dead={gone().url}").returncode == 0
        result = run_here("m", OLLAMA_BASE_URL=f"a={one.url}, b={two.url}")
        assert two.asked("/api/pull") == []

    assert result.returncode == 2
    assert f"→ Say which: --server {one_of(result)}" in result.stderr


def one_of(result):
    return result.stderr.split("--server ")[1].strip()


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ((), {}),
        (("m", "--parallel", "0"), {}),
        (("m", "--server", "http://a:99999"), {}),
        (("m",), {"OLLAMA_TIMEOUT": "soon"}),
        (("m",), {"LOCAL_MODELS_API_KEY": "schlüssel"}),
        (("m", "--config", "nowhere.yaml"), {}),
    ],
)
def test_what_cannot_be_meant_has_exit_code_2_and_no_traceback(arguments, environment):
    result = run_here(*arguments, **environment)

    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "schlüssel" not in result.stdout + result.stderr


def test_help_has_an_example():
    assert "python -m scripts pull qwen3:4b nomic-embed-text" in run("--help").stdout


# Bytes


def test_bytes_that_go_down_are_followed_and_never_count_as_more_than_there_are():
    layers = Layers()
    completed = []
    for step in (0, 50, 20, 120):
        layers.take(PullProgress("pulling a", "sha256:a", 100, step))
        completed.append(layers.completed)

    assert (completed, layers.total, layers.there) == ([0, 50, 20, 100], 100, 0)


def test_a_layer_that_lost_what_it_had_has_less_there():
    layers = Layers()
    for step in (10 * MB, 4 * MB, 30 * MB):
        layers.take(PullProgress("pulling a", "sha256:a", 30 * MB, step))

    assert (layers.there, layers.completed) == (4 * MB, 30 * MB)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("write /blobs/sha256-aa-partial: no space left on device", "Make room on the disk of Ollama's machine"),
        ("dial tcp: lookup registry.ollama.ai on 1.1.1.1:53: no such host", "Ollama's machine does not reach the"),
        ("412: The model requires a newer version of Ollama.", "Update Ollama: https://ollama.com/download"),
    ],
)
def test_a_failure_that_is_known_has_its_remedy(words, advice):
    with ollama(m=pulled(MANIFEST, ndjson({"error": words}))) as server:
        result = run_here("m", OLLAMA_BASE_URL=server.url)

    assert result.returncode == 1
    assert f"“{words}”. {advice}" in result.stderr


@pytest.mark.parametrize("name", ["", " "])
def test_no_name_is_a_usage_error(name):
    assert run_here(name).returncode == 2
