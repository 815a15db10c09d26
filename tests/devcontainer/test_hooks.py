"""The hooks never fail, never hang, and say what there is."""

import os
import subprocess

import pytest

from tests.devcontainer.files import DEVCONTAINER
from tests.servers.dify_servers import CHAT, ChangingOllama

HOOKS = DEVCONTAINER / "hooks"


def run(hook, home, **environment):
    settings = {"PATH": os.environ["PATH"], "HOME": str(home), "LOCAL_MODELS_LOOK_AROUND": "no", **environment}
    command = ["sh", str(HOOKS / hook)]
    return subprocess.run(command, env=settings, cwd=home, capture_output=True, text=True, timeout=90, check=False)


def test_the_address_that_works_is_printed_and_kept_for_new_shells(tmp_path):
    with ChangingOllama(tiny=CHAT) as ollama:
        port = ollama.port
        ran = run("post-start.sh", tmp_path, LOCAL_MODELS_HOST="127.0.0.1", LOCAL_MODELS_PORT=str(port))

    assert ran.returncode == 0
    url = f"http://127.0.0.1:{port}"
    assert f"the model server of the host is at {url}" in ran.stdout
    assert f"export OLLAMA_BASE_URL='{url}'" in (tmp_path / ".local-models.env").read_text()


def test_the_doctor_says_what_is_wrong_with_a_server_that_answers(tmp_path):
    with ChangingOllama() as ollama:
        ran = run("post-start.sh", tmp_path, LOCAL_MODELS_HOST="127.0.0.1", LOCAL_MODELS_PORT=str(ollama.port))

    assert ran.returncode == 0
    assert "NO_MODELS" in ran.stdout


def test_where_nothing_answers_the_doctor_says_why_and_the_hook_ends_well(tmp_path):
    (tmp_path / ".local-models.env").write_text("export OLLAMA_BASE_URL='http://old:1'\n")

    ran = run(
        "post-start.sh",
        tmp_path,
        LOCAL_MODELS_HOST="127.0.0.1",
        LOCAL_MODELS_PORT="9",
        OLLAMA_BASE_URL="http://127.0.0.1:9",
    )

    assert ran.returncode == 0
    assert "no model server of the host answers" in ran.stdout
    assert "✗" in ran.stdout
    assert not (tmp_path / ".local-models.env").exists()


def test_in_a_codespace_it_says_that_there_is_no_host_and_what_there_is_instead(tmp_path):
    ran = run("post-start.sh", tmp_path, CODESPACES="true")

    assert ran.returncode == 0
    assert "this is a Codespace: it has no host with a model server" in ran.stdout
    assert "ollama serve" in ran.stdout
    assert "make demo" in ran.stdout


@pytest.mark.parametrize("files", [{}, {"requirements.txt": "no-such-package-of-ours @ file:///nonexistent\n"}])
def test_what_cannot_be_installed_does_not_keep_the_later_hooks_from_running(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    ran = run("post-create.sh", tmp_path)

    assert ran.returncode == 0
    assert "run it again by hand" in ran.stdout if files else "nothing to install" in ran.stdout


def test_an_installation_that_hangs_is_ended(tmp_path):
    (tmp_path / "requirements.txt").write_text("x\n")
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin/python3"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)

    ran = run("post-create.sh", tmp_path, POST_CREATE_SECONDS="1", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    assert (ran.returncode, "exit code 124" in ran.stdout) == (0, True)
