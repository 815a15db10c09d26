"""`python -m scripts models` with recorded, scripted and real servers."""

import json
import re

import pytest

from scripts.kit.settings import Settings
from scripts.models.look import MANY, instances_of, look_at, usual_instances
from tests.scripts import kit_runs
from tests.scripts.ollama_asking import gone
from tests.servers import End, ReplayServer, Response, ScriptedServer, by_path
from tests.servers.faults import wrong_key

MODEL = {
    "name", "server", "url", "kind", "flavour", "size_bytes", "context_length", "train_context_length",
    "embedding_size", "capabilities", "loaded", "gpu_share", "remote_host",
}  # fmt: skip
SERVER = {"name", "url", "kind", "flavour", "version", "label", "ok", "error", "fix", "models"}
OLLAMA_VERSION = {"/api/version": Response.of_json({"version": "0.33.0"})}


def run(*arguments, **environment):
    return kit_runs.run("models", *arguments, **environment)


def run_here(*arguments, **environment):
    return kit_runs.run_here("models", *arguments, **environment)


def told(*arguments, **environment):
    """The exit code, the servers and the models by their names."""
    result = run_here("--json", *arguments, **environment)
    answer = json.loads(result.stdout)
    assert (answer["schema_version"], answer["exit_code"]) == (1, result.returncode)
    assert answer["ok"] == (result.returncode == 0)
    assert all(set(server) == SERVER for server in answer["servers"])
    assert all(set(model) == MODEL for model in answer["models"])
    servers = {server["name"]: server for server in answer["servers"]}
    return result.returncode, servers, {model["name"]: model for model in answer["models"]}


@pytest.fixture
def ollama():
    """Describes every model as the recorded chat model."""
    with ReplayServer("ollama", {"/api/show": "show_chat"}) as server:
        yield server


def scripted(show=None, running=(), **models):
    """An Ollama with entries of /api/tags; in the names `_` stands for a colon."""
    listed = [{"name": name.replace("_", ":"), "size": 5, **entry} for name, entry in models.items()]
    show = show or Response.of_json({"capabilities": ["completion"], "model_info": {}})
    tags, ps = Response.of_json({"models": listed}), Response.of_json({"models": list(running)})
    return ScriptedServer(by_path({**OLLAMA_VERSION, "/api/tags": tags, "/api/ps": ps, "/api/show": show}))


def test_models_of_all_servers_are_listed_for_a_person(ollama, demo_server):
    result = run(f"gpu={ollama.url}", f"big={demo_server.url} weight=2")

    chat = ("4,096", "chat, tools, thinking, JSON")
    here = "gpu (Ollama 0.33.0-test)"
    assert (result.returncode, result.stderr) == (0, "")
    assert [re.split("  +", line.strip()) for line in result.stdout.splitlines()] == [
        ["Model", "Size", "Context", "Can", "State", "Server"],
        ["tinychat:latest", "478.4 kB", *chat, "loaded, on CPU", here],
        ["tinyembed:latest", "6.2 MB", *chat, "loaded, on CPU", here],
        ["tinyrerank:latest", "12.2 MB", *chat, "not loaded", here],
        ["demo", "3.6 MB", "2,048", "tools, thinking, JSON", "loaded", "big (llama.cpp)"],
    ]


def test_everything_that_is_known_is_in_the_json(ollama, demo_server):
    code, servers, models = told(f"gpu={ollama.url}, big={demo_server.url}")

    assert code == 0
    assert servers["gpu"] | {"kind": "ollama", "version": "0.33.0-test", "ok": True, "models": 3} == servers["gpu"]
    assert models["tinychat:latest"] == {
        "name": "tinychat:latest",
        "server": "gpu",
        "url": ollama.url,
        "kind": "ollama",
        "flavour": "",
        "size_bytes": 478398,
        "context_length": 4096,
        "train_context_length": 4096,
        "embedding_size": 64,
        "capabilities": ["completion", "tools", "thinking", "structured_output"],
        "loaded": True,
        "gpu_share": 0.0,
        "remote_host": "",
    }
    assert models["demo"]["size_bytes"] > 3_000_000


def test_a_server_out_of_reach_is_a_row_with_the_reason_and_the_others_are_listed(ollama):
    result = run(f"gpu={ollama.url}", f"dead={gone().url}")

    assert result.returncode == 1
    assert "tinychat:latest" in result.stdout
    [row] = [line for line in result.stdout.splitlines() if line.rstrip().endswith("dead")]
    assert "✗ http://127.0.0.1:" in row
    assert "refuses the connection: no server listens on port" in row
    assert "→ Start the model server on port" in result.stderr
    assert "Dify" not in result.stdout + result.stderr


def test_a_server_out_of_reach_is_in_the_json_with_reason_and_remedy(ollama):
    code, servers, models = told(ollama.url, f"dead={gone().url}")

    assert (code, len(models)) == (1, 3)
    assert servers["dead"]["ok"] is False
    assert "refuses the connection" in servers["dead"]["error"]
    assert "Start the model server" in servers["dead"]["fix"]


def test_how_much_of_a_model_is_on_the_gpu_and_what_runs_elsewhere_is_told():
    running = [{"name": "half:4b", "size": 1000, "size_vram": 570, "context_length": 8192}]
    cloud = {"size": 384, "remote_host": "https://ollama.com:443"}
    show = Response.of_json(
        {"capabilities": ["completion"], "model_info": {"general.architecture": "q", "q.context_length": 131072}}
    )
    with scripted(show, running, half_4b={"size": 2_600_000_000}, big_cloud=cloud) as server:
        result = run_here(server.url)
        _, _, models = told(server.url)

    words = " ".join(result.stdout.split())
    assert "half:4b 2.6 GB 8,192 of 131,072 chat, JSON loaded, 57% on GPU" in words
    assert "big:cloud in a cloud 8,192 of 131,072 chat, JSON not loaded" in words
    assert (models["half:4b"]["gpu_share"], models["big:cloud"]["remote_host"]) == (0.57, "https://ollama.com:443")


def test_a_model_that_cannot_be_described_is_listed_by_its_name():
    broken = Response.of_json({"error": "invalid file magic"}, 500)
    with scripted(broken, broken_1b={}) as server:
        code, _, models = told(server.url)
        result = run_here(server.url)

    assert (code, models["broken:1b"]["capabilities"], models["broken:1b"]["loaded"]) == (0, [], None)
    assert " ?  " in result.stdout


def test_json_is_no_ability_of_a_model_that_may_give_no_answers(embedding_server):
    _, _, models = told(embedding_server.url)

    assert [model["capabilities"] for model in models.values()] == [[]]


def test_a_server_without_models_says_so():
    with scripted() as server:
        result = run_here(server.url)

    assert result.returncode == 0
    assert "no models" in result.stdout


def test_a_server_that_wants_another_key_says_so_and_the_key_is_not_shown():
    with ScriptedServer(wrong_key()) as server:
        result = run_here(server.url, LOCAL_MODELS_API_KEY="sk-wrong")

    assert result.returncode == 1
    assert "Invalid API Key" in result.stderr
    assert "sk-wrong" not in result.stdout + result.stderr
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer sk-wrong"}


def test_the_key_opens_the_list():
    def locked(request):
        listed = {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 4096}]}
        if request.headers.get("authorization") != "Bearer sk-secret":
            return Response.of_json({"error": "Unauthorized"}, 401)
        return (
            Response.of_json(listed) if request.path == "/v1/models" else Response.of_json({"detail": "Not Found"}, 404)
        )

    with ScriptedServer(locked) as server:
        code, servers, models = told(f"v={server.url}", LOCAL_MODELS_API_KEY="sk-secret")

    assert (code, servers["v"]["label"], models["m"]["context_length"]) == (0, "vLLM", 4096)


def test_of_many_models_only_the_list_is_read():
    entries = [{"id": f"m{number}", "owned_by": "vllm", "max_model_len": 4096} for number in range(MANY + 1)]
    answers = by_path({"/v1/models": Response.of_json({"data": entries})})
    with ScriptedServer(answers) as server:
        _, _, models = told(server.url)

    assert len(models) == MANY + 1
    assert len([request for request in server.requests if request.path == "/v1/models"]) < 5


def test_lm_studio_tells_the_size_too():
    model = {"key": "qwen", "type": "llm", "size_bytes": 2_000_000, "max_context_length": 32768, "loaded_instances": []}
    with ScriptedServer(by_path({"/api/v1/models": Response.of_json({"models": [model]})})) as server:
        _, servers, models = told(f"studio={server.url}")

    assert (servers["studio"]["label"], models["qwen"]["size_bytes"], models["qwen"]["loaded"]) == (
        "LM Studio",
        2_000_000,
        False,
    )


# Which servers


def test_without_arguments_the_settings_say_where_to_look(ollama):
    for name in ("OLLAMA_BASE_URL", "OLLAMA_HOST"):
        _, servers, models = told(**{name: ollama.url})
        assert ollama.url in [server["url"] for server in servers.values()]
        assert "tinychat:latest" in models


def test_the_usual_ports_are_those_that_nobody_named():
    [named] = instances_of(["localhost:8080"], Settings())
    [elsewhere] = instances_of([], Settings(ollama_host="172.17.0.1"))

    assert [each.url for each in usual_instances([named])] == [
        f"http://127.0.0.1:{port}" for port in (11434, 1234, 9931, 8000)
    ]
    assert len(usual_instances([elsewhere])) == 5
    assert elsewhere.url == "http://172.17.0.1:11434"


def test_of_the_usual_ports_only_servers_are_shown(ollama, demo_server):
    with ScriptedServer(Response.of_text("hello")) as other:
        ports = [ollama.port, other.port, int(gone().url.rpartition(":")[2])]
        looks = look_at(usual_instances([], ports))

    assert [look.is_there for look in looks] == [True, False, False]


@pytest.mark.parametrize("arguments", [("http://a:99999",), ("a b",), ("a=x:1", "a=y:2"), ("--config", "nowhere.yaml")])
def test_what_cannot_be_meant_has_exit_code_2_and_no_traceback(arguments):
    result = run_here(*arguments)

    assert result.returncode == 2
    assert result.stderr.startswith("✗ ")


def test_quiet_says_only_what_is_wrong(ollama):
    result = run_here(ollama.url, gone().url, "--quiet")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("✗ 127.0.0.1:")


def test_help_has_an_example():
    assert "python -m scripts models 172.17.0.1:11434" in run_here("--help").stdout


def test_what_broke_off_and_is_well_again_is_told_as_it_broke_off():
    cut = Response(200, [b"{"], {"Content-Length": "100"}, end=End.CLOSE)
    with scripted(cut, cut_1b={}) as server:
        code, servers, _ = told(server.url)

    assert code == 1
    assert "IncompleteRead" in next(iter(servers.values()))["error"]
