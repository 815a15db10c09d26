"""The command that says whether Dify's engine takes a file."""

import subprocess
from pathlib import Path

import pytest

from local_dify import launcher
from tests.local_dify.conftest import APPS

QA = (Path(__file__).parent / "apps/qa.yml").read_text()
REFUSED = {
    "no YAML": ("a: [", "it is no YAML"),
    "no app": ("kind: pipeline", "there is no `kind: app`"),
    "unknown mode": (QA.replace("mode: workflow", "mode: agent-chat"), "app.mode is 'agent-chat'"),
    "unknown node": (QA.replace("type: llm", "type: agent"), "node 'llm' has the type agent"),
    "edge to nowhere": (QA.replace("target: llm", "target: gone"), "Graph edge references an unknown node"),
    "no start": (QA.replace("type: start", "type: template-transform"), "exactly one start node"),
    "no provider": (QA.replace("provider: localmodels/local_models/local_models, ", ""), "missing model provider"),
    "bad condition": (QA.replace("prompt_template:", "prompt:"), "prompt_template"),
}


def check(*files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [launcher.PYTHON, "-m", "local_dify.service.check", *files], cwd=launcher.ROOT,
        env={"PYTHONPATH": "stress-test"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_good_files_are_taken(graphon):
    done = check(*APPS, *launcher.WORKFLOWS.glob("*.yml"))

    assert (done.returncode, done.stderr) == (0, "")


def test_each_bad_file_is_named_with_its_reason(graphon, tmp_path):
    for name, (content, _) in REFUSED.items():
        (tmp_path / f"{name}.yml").write_text(content)

    done = check(*(tmp_path / f"{name}.yml" for name in REFUSED), tmp_path / "missing.yml")

    assert done.returncode == 1
    for name, (_, reason) in {**REFUSED, "missing": ("", "it cannot be read")}.items():
        assert any(f"{name}.yml: " in line and reason in line for line in done.stderr.splitlines()), (name, done.stderr)
    assert "Traceback" not in done.stderr


def test_without_a_file_it_says_how_it_is_used(graphon):
    done = check()

    assert (done.returncode, done.stderr.startswith("Name the files")) == (2, True)


@pytest.mark.parametrize(
    "line", launcher.ROOT.joinpath("stress-test/local_dify/requirements.in").read_text().splitlines()
)
def test_what_the_environment_asks_for_is_pinned(line):
    pins = launcher.ROOT.joinpath("stress-test/local_dify/requirements.txt").read_text().splitlines()

    assert line.startswith("#") or any(pin.startswith(f"{line.partition('==')[0]}==") for pin in pins)
