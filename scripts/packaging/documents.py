"""YAML of unknown shape, read and asked without ever falling over."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml


class Unreadable(Exception):
    """A file is missing or is not what it should be; the message names it."""


def read_yaml(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """Parse one file of the package.

    Raises:
        Unreadable: it is missing, no YAML, or no mapping.
    """
    if name not in files:
        raise Unreadable(f"{name} is missing")
    try:
        document = yaml.safe_load(files[name])
    # A ValueError is a time that does not exist, or bytes that are no text.
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"{name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise Unreadable(f"{name} must be a mapping")
    return document


def at(document: Any, path: str) -> Any:
    """The value at `a.b.c`, or None where there is no such place."""
    for key in path.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def listed(document: Any, path: str) -> list[Any]:
    """The list at a path; anything else counts as empty, since the SDK's check will complain about it."""
    value = at(document, path)
    return value if isinstance(value, list) else []


def texts(document: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every translated text in a document, with its place."""
    if isinstance(document, dict) and "en_US" in document:
        yield path, document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from texts(value, f"{path}.{key}".lstrip("."))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from texts(value, f"{path}.{_name_of(value, number)}")


def _name_of(value: Any, number: int) -> str:
    known = [value.get(key) for key in ("variable", "name", "value")] if isinstance(value, dict) else []
    return next((str(name) for name in known if name), str(number))
