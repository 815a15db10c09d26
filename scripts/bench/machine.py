"""On what and of what the numbers are; nothing that names the machine or a place on it."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("dify-plugin", "gevent", "pydantic", "requests", "urllib3")


def machine() -> dict[str, Any]:
    release = re.match(r"[\d.]*\d", platform.release())  # builders put names after the numbers
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "kernel": f"{platform.system()} {release[0] if release else ''}".strip(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def busy() -> float | None:
    """How many processes wanted a core in the last minute; above the number of cores the results are noisy."""
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def commit() -> dict[str, Any]:
    """Of what the numbers are; outside of a repository nothing is known."""
    head = _git("rev-parse", "HEAD")
    return {"commit": head, "changed": bool(_git("status", "--porcelain", "--", "provider")) if head else None}


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
