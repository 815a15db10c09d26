"""Shell scripts hold to the house's form, and those for sh to what Alpine's knows."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.house import project_files

ROOT = Path(__file__).parents[2]
SHELL = re.compile(rb"#!.*[/ ](ba)?sh\n|# [^\n]*\n# shellcheck shell=sh")


def scripts() -> Iterator[str]:
    """By their first line; some have no suffix."""
    for path in project_files(ROOT, ".sh", ""):
        with path.open("rb") as file:
            if SHELL.match(file.read(400)):
                yield str(path.relative_to(ROOT))


def checked(*command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here: .ci/tools installs it")
    return subprocess.run([*command, *scripts()], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_scripts_without_suffix_and_the_parts_of_others_are_found():
    assert {"devcontainer/network/host-address", "devcontainer/network/lib/ask.sh", ".ci/run"} < {*scripts()}


@pytest.mark.parametrize("command", [["shellcheck", "--external-sources"], ["shfmt", "--indent=4", "--diff"]])
def test_a_checker_has_nothing_to_say(command):
    result = checked(*command)

    assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_no_script_is_longer_than_300_lines():
    assert [name for name in scripts() if len((ROOT / name).read_text(encoding="utf-8").splitlines()) > 300] == []
