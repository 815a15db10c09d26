"""Under what conditions a run was made: what has to be the same before two runs may be compared."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil

from load_run.settings import Settings
from load_scenarios.looking import Found

GB = 1_000_000_000


def conditions(settings: Settings, found: Found, started: datetime, **facts: Any) -> dict[str, Any]:
    """`facts` are what only the conductor knows."""
    return {
        "started_at": started.isoformat(timespec="seconds"),
        "duration_s": round((datetime.now(UTC) - started).total_seconds(), 3),
        "target": without_secrets(found.targets[0].url if found.targets else settings.wanted.host),
        "kind": found.kind,
        "scenarios": {target.name: target.weight for target in found.targets},
        "response": "streaming" if settings.wanted.streaming else "blocking",
        "turns": settings.wanted.turns,
        "load": dict(settings.load.told),
        "salt": settings.salt,
        "reuse": settings.reuse,
        "machine": machine(),
        "server": dict(found.server),
        "stand_in": found.stand_in,
        **facts,
    }


def machine() -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / GB, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "locust": version("locust"),
    }


def without_secrets(url: str) -> str:
    """Neither a user's name and password nor a query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
