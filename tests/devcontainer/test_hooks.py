"""The hooks never fail, never hang, and say what there is."""

import os
import shutil
import subprocess
from pathlib import Path

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


def test_a_terminal_that_is_no_login_shell_has_it_too_and_the_line_is_there_once(tmp_path):
    (tmp_path / ".bashrc").write_text("# mine\n")
    with ChangingOllama(tiny=CHAT) as ollama:
        url = ollama.url
        for _ in range(2):
            run("post-start.sh", tmp_path, LOCAL_MODELS_HOST="127.0.0.1", LOCAL_MODELS_PORT=str(ollama.port))

    terminal = ["bash", "--rcfile", str(tmp_path / ".bashrc"), "-ic", "echo $OLLAMA_BASE_URL"]
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    assert subprocess.run(terminal, env=home, capture_output=True, text=True, check=True).stdout == f"{url}\n"
    assert (tmp_path / ".bashrc").read_text().count("local-models.env ]") == 1


@pytest.mark.parametrize("home", ["", "/nonexistent"])
def test_where_there_is_no_home_nothing_is_kept_and_nothing_is_promised(tmp_path, home):
    with ChangingOllama(tiny=CHAT) as ollama:
        url = ollama.url
        given = {"LOCAL_MODELS_HOST": "127.0.0.1", "LOCAL_MODELS_PORT": str(ollama.port), "HOME": home}
        ran = run("post-start.sh", tmp_path, **given)

    assert (ran.returncode, ran.stderr, "new shells" in ran.stdout) == (0, "", False)
    assert f"the model server of the host is at {url}" in ran.stdout
    assert not Path("/.local-models.env").exists()


def test_the_doctor_is_asked_about_the_host_that_was_given(tmp_path):
    ran = run("post-start.sh", tmp_path, LOCAL_MODELS_HOST="127.0.0.1", LOCAL_MODELS_PORT="9")

    assert (ran.returncode, "http://host.docker.internal:9" in ran.stdout) == (0, True), ran.stdout


@pytest.mark.parametrize("hook", ["post-create.sh", "post-start.sh"])
def test_cdpath_does_not_lead_a_hook_astray(tmp_path, hook):
    (tmp_path / "devcontainer").symlink_to(HOOKS.parent)
    settings = {"PATH": os.environ["PATH"], "CDPATH": "/tmp:.", "LOCAL_MODELS_HOST": "127.0.0.1:9"}
    command = ["env", "LOCAL_MODELS_LOOK_AROUND=no", "sh", f"devcontainer/hooks/{hook}"]
    ran = subprocess.run(command, env=settings, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("folder", [".", "api"])
@pytest.mark.parametrize("known", [True, False])
def test_a_locked_project_is_installed_by_uv_also_where_it_has_to_be_got_first(tmp_path, folder, known):
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "uv.lock").touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ["python3", *(["uv"] if known else [])]:
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*"\n')
        (programs / name).chmod(0o755)
    for name in ("sh", "timeout", "dirname", "id"):
        (programs / name).symlink_to(shutil.which(name))

    ran = run("post-create.sh", tmp_path, PATH=str(programs))

    called = ran.stdout.splitlines()
    assert called[-1].endswith(f"uv sync --quiet --project {folder}"), ran.stderr
    assert [line.endswith("pip-version-check uv") for line in called[:-1]] == ([] if known else [True])


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


def test_inner_containers_get_the_port_at_which_the_server_was_found_and_docker_the_time_to_start(tmp_path):
    (tmp_path / "here").mkdir()
    shutil.copytree(DEVCONTAINER / "network", tmp_path / "here/network")
    shutil.copy(HOOKS / "post-start.sh", tmp_path / "here")
    (tmp_path / "here/network/dind-forwarder").write_text('#!/bin/sh\necho "forwards $*"\n')
    with ChangingOllama(tiny=CHAT) as ollama:
        port = ollama.port
        given = {"LOCAL_MODELS_FORWARD": "true", "LOCAL_MODELS_HOST": "127.0.0.1", "LOCAL_MODELS_PORT": str(port)}
        ran = run(str(tmp_path / "here/post-start.sh"), tmp_path, **given)

    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, f"forwards start --wait 10 --port {port}")
