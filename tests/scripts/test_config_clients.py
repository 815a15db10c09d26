"""The configuration that was printed, in the hands of the programs it is for, against a real llama.cpp server.

`make test-clients` prepares their libraries in `.venv-clients`; without it these tests are skipped.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server
from tests.scripts.test_config import KEY, config

PYTHON = Path(__file__).parents[2] / ".venv-clients/bin/python"
READY = PYTHON.parents[1] / "ready"
SCRIPTS = Path(__file__).parent / "clients"
TINY = "I am Tiny, a demo language model"

pytestmark = pytest.mark.skipif(
    not READY.exists() and os.environ.get("CLIENTS") != "required", reason="make test-clients prepares the libraries"
)


def run(script: str, configuration: Path, **more: str) -> dict:
    """What a script with the client's own library printed last."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "LOCAL_MODELS_API"))}
    done = subprocess.run(
        [PYTHON, SCRIPTS / script, configuration],
        env={**env, **more}, cwd=configuration.parent, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def printed(tmp_path: Path, client: str, server: EmbeddedServer, **more: str) -> Path:
    made = config(client, "--server", server.url, **more)
    assert made.returncode == 0, made.stderr
    path = tmp_path / ("config2.yaml" if client == "metagpt" else "local_models.py")
    path.write_text(made.stdout)
    return path


def test_an_agent_of_qwen_agent_answers_and_uses_a_tool(tmp_path, demo_server):
    said = run("qwen_agent_task.py", printed(tmp_path, "qwen-agent", demo_server))

    assert said["hello"].startswith(TINY)
    assert said["asked"] == [{"city": "Paris"}]
    assert said["answer"]


def test_openais_library_answers_a_prompt(tmp_path, demo_server):
    said = run("openai_prompt.py", printed(tmp_path, "openai", demo_server))

    assert said["streamed"].startswith(TINY)
    assert said["whole"] == said["streamed"]
    assert said["models"] == ["demo"]


def test_a_prompt_goes_through_as_metagpt_would_ask_it(tmp_path, demo_server):
    said = run("metagpt_prompt.py", printed(tmp_path, "metagpt", demo_server))

    assert said["answer"].startswith(TINY)


def test_with_a_key_the_libraries_take_it_from_the_variable(tmp_path):
    with embedded_server(EmbeddedOptions("demo", api_key=KEY)) as server:
        path = printed(tmp_path, "openai", server, LOCAL_MODELS_API_KEY=KEY)
        said = run("openai_prompt.py", path, LOCAL_MODELS_API_KEY=KEY)

    assert KEY not in path.read_text()
    assert said["streamed"].startswith(TINY)
