"""A command of the kit, run as people do: as a process of its own, or, to be quick, in this one."""

import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from types import SimpleNamespace

from typer.testing import CliRunner

from scripts.__main__ import app

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent  # nobody has settings here
OURS = ("OLLAMA_", "LOCAL_MODELS_", "DIFY_")
ALWAYS = {"LOCAL_MODELS_LOOK_AROUND": "no", "COLUMNS": "200"}


def command(*arguments, **environment):
    """For `subprocess.run` or `Popen`; settings of the person who runs the tests are left out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {
        "args": [sys.executable, "-m", "scripts", *arguments],
        "cwd": HERE,
        "env": {**kept, "PYTHONPATH": str(ROOT), **ALWAYS, **environment},
        "text": True,
    }


def run(*arguments, **environment):
    return subprocess.run(**command(*arguments, **environment), capture_output=True, timeout=30, check=False)


def run_here(*arguments, **environment):
    """The same, without the half second that a process takes to start."""
    none = {name: None for name in os.environ if name.startswith(OURS)}
    with chdir(HERE):
        result = CliRunner().invoke(app, arguments, env={**none, **ALWAYS, **environment})
    return SimpleNamespace(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)
