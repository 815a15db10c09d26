"""The truth server as a process of its own, so that it and the client do not wait for each other."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "stress-test"


@contextmanager
def truth(**plan):
    """Its address."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in plan.items()]
    command = [sys.executable, "-m", "load_truth", *options]
    with subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()
