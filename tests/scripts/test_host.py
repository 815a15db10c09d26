"""`python -m scripts host …`, as a person and as a program runs it: what it prints and what it writes."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scripts.host.command import host as group

ROOT = Path(__file__).parents[2]
DROP_IN = "etc/systemd/system/ollama.service.d/local-models.conf"


def host(*options: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "scripts", "host", *options],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def quick(*options: str) -> Result:
    """The same within this process: for tables of cases."""
    return CliRunner().invoke(group, [*options], catch_exceptions=False)


def told(*options: str) -> dict:
    run = quick(*options, "--json")
    assert run.exit_code == 0, run.stderr
    return json.loads(run.stdout)


def test_what_is_printed_is_a_script_and_nothing_else():
    run = host("ollama", "--parallel", "4", "--kv-cache-type", "q8_0", "--gpu", "0,1")

    assert run.returncode == 0
    assert subprocess.run(["sh", "-n"], input=run.stdout, text=True, check=False).returncode == 0
    assert run.stdout.splitlines() == [
        "sudo mkdir -p /etc/systemd/system/ollama.service.d",
        "sudo tee /etc/systemd/system/ollama.service.d/local-models.conf >/dev/null <<'END'",
        "# Made by: python -m scripts host ollama",
        "# A drop-in survives updates of Ollama, which rewrite ollama.service itself.",
        "[Service]",
        'Environment="OLLAMA_KEEP_ALIVE=30m"',
        'Environment="OLLAMA_CONTEXT_LENGTH=8192"',
        'Environment="OLLAMA_NUM_PARALLEL=4"',
        'Environment="OLLAMA_KV_CACHE_TYPE=q8_0"',
        'Environment="CUDA_VISIBLE_DEVICES=0,1"',
        "END",
        "sudo systemctl daemon-reload",
        "sudo systemctl restart ollama",
    ]
    assert "4 × 8192 tokens" in run.stderr


def test_quiet_leaves_out_the_notes_and_keeps_the_warnings():
    run = host("ollama", "--listen", "0.0.0.0", "--quiet")

    assert "Environment=" in run.stdout
    assert run.stderr.startswith("! On 0.0.0.0 Ollama serves every network")
    assert "·" not in run.stderr


def test_json_is_one_object_with_the_files_and_what_to_know():
    facts = told("ollama", "--listen", "172.17.0.1", "--env", "OLLAMA_NUM_THREADS=8")

    assert facts["schema_version"] == 1
    assert facts["ok"]
    assert facts["written"] is False
    [file] = facts["files"]
    assert file["path"] == f"/{DROP_IN}"
    assert "After=docker.service\nWants=docker.service\n" in file["content"]
    assert "OLLAMA_NUM_THREADS" not in file["content"]
    assert any("num_thread in a request's options" in each for each in facts["warnings"])


def test_a_file_that_only_its_owner_may_read_stays_so_and_so_does_its_backup(tmp_path):
    quick("ollama", "--write", "--yes", "--root", str(tmp_path))
    (tmp_path / DROP_IN).chmod(0o600)
    quick("ollama", "--parallel", "2", "--write", "--yes", "--root", str(tmp_path))

    assert [path.stat().st_mode & 0o777 for path in (tmp_path / DROP_IN).parent.iterdir()] == [0o600, 0o600]


def test_it_writes_after_a_yes_keeps_a_backup_and_changes_nothing_the_second_time(tmp_path):
    first = host("ollama", "--write", "--yes", "--root", str(tmp_path))
    second = host("ollama", "--write", "--root", str(tmp_path), "--json")
    third = host("ollama", "--keep-alive", "1h", "--write", "--yes", "--root", str(tmp_path))

    assert first.returncode == second.returncode == third.returncode == 0, first.stderr + second.stderr + third.stderr
    assert [each["state"] for each in json.loads(second.stdout)["changes"]] == ["unchanged"]
    assert '-Environment="OLLAMA_KEEP_ALIVE=30m"\n+Environment="OLLAMA_KEEP_ALIVE=1h"\n' in third.stdout
    assert "sudo systemctl restart ollama" in third.stdout
    [backup] = (tmp_path / DROP_IN).parent.glob("local-models.conf.before-*")
    assert "KEEP_ALIVE=30m" in backup.read_text()
    assert "KEEP_ALIVE=1h" in (tmp_path / DROP_IN).read_text()
    assert (tmp_path / DROP_IN).stat().st_mode & 0o777 == 0o644
    assert len(list((tmp_path / DROP_IN).parent.iterdir())) == 2


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_nothing_is_written_without_somebody_who_says_yes(tmp_path, options):
    run = host("ollama", "--write", "--root", str(tmp_path), *options)

    assert run.returncode == 2
    assert "--yes" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_answered_with_the_line_for_sudo(tmp_path):
    (tmp_path / "etc").write_text("a file where a folder must be")

    run = host("ollama", "--parallel", "2", "--write", "--yes", "--root", str(tmp_path), "--json")

    assert run.returncode == 3
    assert "Traceback" not in run.stderr
    fix = json.loads(run.stdout)["fix"]
    assert fix.startswith("sudo ")
    assert "-m scripts host ollama --parallel 2 --write" in fix


def test_without_the_right_to_write_nothing_is_asked_and_the_line_for_sudo_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)

    run = quick("forwarder", "--write", "--root", str(tmp_path))

    assert run.exit_code == 3
    assert "local-models-11434.socket can only be written by root" in run.stderr
    assert "→ sudo " in run.stderr


@pytest.mark.parametrize(
    ("answer", "code", "written"),
    [
        (lambda run, person: os.write(person, b"y\n"), 0, True),
        (lambda run, person: os.write(person, b"n\n"), 1, False),
        (lambda run, person: run.send_signal(signal.SIGINT), 130, False),
    ],
    ids=["yes", "no", "Ctrl-C"],
)
def test_a_person_at_a_terminal_is_asked(tmp_path, answer, code, written):
    person, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "scripts", "host", "ollama", "--write", "--root", str(tmp_path)],
        cwd=ROOT, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as run:  # fmt: skip
        question = "".join(iter(lambda: run.stderr.read(1), ":"))
        answer(run, person)
        output, errors = run.communicate(timeout=20)

    assert run.returncode == code, errors
    assert "+[Service]" in output
    assert "local-models.conf? [y/N]" in question
    assert "Traceback" not in errors
    assert (tmp_path / DROP_IN).exists() is written


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--origin", "example.com"), "write http://example.com"),
        (("--origin", "http://a,"), "an empty origin"),
        (("--keep-alive", "30 minutes"), "must be a duration"),
        (("--kv-cache-type", "int8"), "f16, q8_0, q4_0"),
        (("--env", "OLLAMA_NO_CLOUD=no"), "must be 1 or 0"),
        (("--env", "OLLAMA_MAX_QUEUE=many"), "must be a whole number"),
        (("--env", "OLLAMA_MODELS"), "NAME=VALUE"),
        (("--env", "HTTPS_PROXY=http://me:hunter2@proxy:3128"), "EnvironmentFile="),
        (("--env", "OLLAMA_API_KEY=abc"), "holds a secret"),
        (("--env", "OLLAMA_MODELS=/a\n[Install]"), "NAME=VALUE"),
        (("--listen", "https://0.0.0.0"), "no TLS"),
        (("--gpu", "0", "--gpu-kind", "voodoo"), "nvidia, amd, vulkan"),
        (("--gpu", "RTX 4090"), "numbers or UUIDs"),
    ],
)
def test_a_value_that_ollama_would_misread_is_refused(options, words):
    run = quick("ollama", *options)

    assert run.exit_code == 2
    assert words in run.stderr
    assert "hunter2" not in run.stderr
    assert run.stdout == ""


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("http://0.0.0.0", "0.0.0.0:11434"),
        ("0.0.0.0:8000", "0.0.0.0:8000"),
        ("172.17.0.1", "172.17.0.1:11434"),
        ("[::]", "[::]:11434"),
        ("127.0.0.1:11435", "127.0.0.1:11435"),
    ],
)
def test_the_address_always_has_its_port(typed, written):
    content = told("ollama", "--listen", typed)["files"][0]["content"]

    assert f'Environment="OLLAMA_HOST={written}"' in content


def test_files_that_are_there_already_are_read_for_names_that_do_nothing_and_for_who_wins(tmp_path):
    folder = tmp_path / DROP_IN
    folder.parent.mkdir(parents=True)
    folder.with_name("override.conf").write_text(
        '[Service]\nEnvironment="OLLAMA_KEEP_ALIVE=5m" OLLAMA_GPU_LAYERS=35\n# Environment=OLLAMA_PORT=1\n'
    )

    warnings = told("ollama", "--root", str(tmp_path))["warnings"]

    assert len(warnings) == 2
    assert "override.conf sets OLLAMA_KEEP_ALIVE too, and wins" in warnings[0]
    assert "OLLAMA_GPU_LAYERS does not exist in Ollama" in warnings[1]


def test_every_command_has_an_example_in_its_help(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    for command in ("ollama", "forwarder", "firewall", "llamacpp", "lmstudio", "launchd", "windows", "status"):
        run = quick(command, "--help")

        assert run.exit_code == 0
        assert f"Example: python -m scripts host {command}" in run.stdout
