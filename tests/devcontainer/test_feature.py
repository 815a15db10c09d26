"""install.sh, as an image is built with it: by the shells of Debian and Alpine, once and again."""

import os
import subprocess

import pytest

from tests.devcontainer.files import add_to, program

SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"]}


@pytest.fixture
def feature(tmp_path):
    (tmp_path / "project").mkdir()
    assert add_to(tmp_path / "project").returncode == 0
    return tmp_path / "project/.devcontainer/local-models"


def install(feature, destination, shell=("sh",), **options):
    program(shell[0])
    environment = {"PATH": os.environ["PATH"], "DESTDIR": str(destination), **options}
    command = [*shell, str(feature / "install.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def everything(folder):
    """Links are told by where they lead: they are for the container, not for here."""
    links = {str(path.relative_to(folder)): path.readlink() for path in folder.rglob("*") if path.is_symlink()}
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return links | {str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes()) for path in files}


@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS)
def test_a_second_run_changes_nothing(feature, tmp_path, shell):
    first = install(feature, tmp_path / "root", shell, KIND="ollama", PORT="11434")
    before = everything(tmp_path / "root")
    second = install(feature, tmp_path / "root", shell, KIND="ollama", PORT="11434")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert everything(tmp_path / "root") == before
    assert {"usr/local/bin/host-address", "usr/local/bin/local-models-doctor", "etc/profile.d/local-models.sh"} <= set(
        before
    )


def test_what_is_installed_is_for_every_user(feature, tmp_path):
    install(feature, tmp_path / "root", ["sh", "-c", 'umask 077 && . "$0"'])

    files = [path for path in (tmp_path / "root").rglob("*") if not path.is_symlink()]
    assert [path for path in files if path.stat().st_mode & 0o044 != 0o044] == []


def test_the_commands_run_from_where_they_were_installed(feature, tmp_path):
    install(feature, tmp_path / "root")
    share = tmp_path / "root/usr/local/share/local-models"
    without_us = {"PATH": os.environ["PATH"], "LOCAL_MODELS_LOOK_AROUND": "no"}

    for command in ([str(share / "network/host-address"), "--help"], ["python3", str(share / "doctor.py"), "--help"]):
        ran = subprocess.run(command, env=without_us, capture_output=True, text=True, timeout=30, check=False)
        assert ran.returncode == 0, ran.stderr


def test_options_become_settings_that_the_environment_can_change(feature, tmp_path):
    install(feature, tmp_path / "root", KIND="llamacpp", HOST="gpu.lan", PORT="8080")
    settings = tmp_path / "root/usr/local/share/local-models/settings"
    shown = "echo $LOCAL_MODELS_KIND $LOCAL_MODELS_HOST $LOCAL_MODELS_PORT"

    def after(**environment):
        return subprocess.run(["sh", "-c", f". {settings}; {shown}"], env=environment, capture_output=True, text=True, check=True).stdout.split()  # fmt: skip

    assert after() == ["llamacpp", "gpu.lan", "8080"]
    assert after(LOCAL_MODELS_HOST="other") == ["llamacpp", "other", "8080"]


@pytest.mark.parametrize("host", ["$(touch pwned)", "a;b", "`x`", "a b"])
def test_an_option_that_would_be_read_as_shell_is_refused(feature, tmp_path, host):
    ran = install(feature, tmp_path / "root", HOST=host)

    assert ran.returncode == 2
    assert "has a character that no host, port or kind has" in ran.stderr
    assert not (tmp_path / "root").exists()
