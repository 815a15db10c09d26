"""App keys from a file: what `python -m scripts apps up` wrote, or names with keys."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

USUAL = Path(".local-models-apps.json")


class BadKeys(ValueError):
    """A file of keys that cannot be used; the text says why."""


def read(path: Path) -> dict[str, str]:
    """Scenario names and app keys; raises `BadKeys`, whose text never holds a key."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadKeys(f"{path} cannot be read as JSON ({type(error).__name__})") from None
    found = of(value)
    if not found:
        raise BadKeys(f'{path} holds no app keys such as {{"simple_qa_workflow": "app-…"}}')
    return found


def of(value: Any) -> dict[str, str]:
    """Wherever in the file a name stands with a key, or with an object that has one."""
    if not isinstance(value, Mapping):
        return {}
    found: dict[str, str] = {}
    for name, inner in value.items():
        key = inner.get("key", inner.get("api_key", "")) if isinstance(inner, Mapping) else inner
        if isinstance(key, str) and key.startswith("app-"):
            found[name] = key
        elif isinstance(inner, Mapping):
            found |= of(inner)
    return found
