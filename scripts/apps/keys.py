"""The file with the apps' keys, for the load tests: readable for its owner alone."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.apps.steps import Made
from scripts.kit import exits
from scripts.kit.command import Stop

USUAL = Path(".local-models-apps.json")
OWNER_ONLY = 0o600
ANOTHER = "name another file with --keys"


def write(path: Path, url: str, made: Sequence[Made]) -> None:
    """Apps that were made earlier in the same Dify stay in it; a file for another Dify is replaced.

    Raises:
        Stop: it cannot be written.
    """
    there = read(path)
    apps = dict(there.get("apps", {})) if there.get("url") == url else {}
    apps |= {each.name: {"id": each.id, "mode": each.mode, "key": each.key} for each in made}
    put(path, {"schema_version": 1, "url": url, "apps": apps})


def check(path: Path) -> None:
    """Before anything is done. Raises `Stop` if it could not be written."""
    if not os.access(path.parent, os.W_OK | os.X_OK) or path.is_dir():
        raise Stop(f"the keys cannot be written to {path}", ANOTHER, exits.COULD_NOT_RUN)


def known(path: Path, url: str) -> dict[str, str]:
    """Names and keys of the apps that were made in this Dify before."""
    there = read(path)
    apps = there.get("apps", {}) if there.get("url") == url else {}
    return {name: str(app.get("key", "")) for name, app in apps.items() if isinstance(app, dict)}


def forget(path: Path, url: str, names: Sequence[str]) -> None:
    """Takes apps out that are gone; a file without any is removed."""
    there = read(path)
    if there.get("url") != url:
        return
    apps = {name: app for name, app in there.get("apps", {}).items() if name not in names}
    if apps:
        put(path, {**there, "apps": apps})
    else:
        path.unlink(missing_ok=True)


def read(path: Path) -> Mapping[str, Any]:
    """What is in it; nothing if it is not there or not ours."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def put(path: Path, value: Mapping[str, Any]) -> None:
    """Whole or not at all, and never readable for others, not even for a moment.

    Raises:
        Stop: it cannot be written.
    """
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8"
        ) as file:
            file.write(json.dumps(value, indent=2) + "\n")
        beside.replace(path)
    except OSError as error:
        words = f"the keys cannot be written to {path}: {error.strerror}"
        raise Stop(words, ANOTHER, exits.COULD_NOT_RUN) from None
