"""The files of the dev container, and how to read them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEVCONTAINER = ROOT / "devcontainer"
CONFIGURATIONS = (DEVCONTAINER / "devcontainer.json", DEVCONTAINER / "dify/devcontainer.json", ROOT / ".devcontainer/devcontainer.json")  # fmt: skip
FEATURE = DEVCONTAINER / "src/local-models"


def read(path):
    """JSON with comments on lines of their own."""
    return json.loads(re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def program(name):
    """Where it is; in CI it has to be there."""
    found = shutil.which(name)
    if not found:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} is not installed: sh .ci/tools")
    return found


def add_to(project, *options):
    command = ["sh", str(DEVCONTAINER / "add-to"), str(project), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
