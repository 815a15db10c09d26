"""What Dify's plugin daemon and the Marketplace demand of manifest.yaml."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from scripts.packaging.documents import at, texts

VERSION = r"\d{1,4}(\.\d{1,4}){2}(-\w{1,16})?"
AUTHOR = r"[a-z0-9_-]{1,64}"
NAME = r"[a-z0-9_-]{1,128}"
RESERVED_AUTHORS = ("dify", "langgenius")  # the Marketplace refuses them
ARCHITECTURES = {"amd64", "arm64"}
TAGS = {
    *("search", "image", "videos", "weather", "finance", "design", "travel", "social", "news", "medical"),
    *("productivity", "education", "business", "entertainment", "utilities", "agent", "rag", "other", "trigger"),
}
LONGEST_PATH = 128
LONGEST_TEXT = 1023


@dataclass(frozen=True, slots=True)
class Rule:
    """A place in the manifest, a test of its value, and the words for when it fails."""

    path: str
    fits: Callable[[Any], bool]
    wants: str


def manifest_problems(manifest: Mapping[str, Any]) -> Iterator[str]:
    for rule in RULES:
        if not rule.fits(value := at(manifest, rule.path)):
            yield f"manifest.yaml: {rule.path} must be {rule.wants}, not {value!r}"
    yield from text_problems("manifest.yaml", manifest)


def text_problems(name: str, document: Any) -> Iterator[str]:
    for path, text in texts(document):
        for language, value in text.items():
            if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
                yield f"{name}: {path}.{language} must be a text of 1 to {LONGEST_TEXT} characters"


def _like(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


def _subset(allowed: set[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(one, str) and one in allowed for one in value)


def _author(value: Any) -> bool:
    return _like(AUTHOR)(value) and not _is_uuid(value) and not any(name in value for name in RESERVED_AUTHORS)


def _is_uuid(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def _time(value: Any) -> bool:
    """YAML reads an unquoted time as a time already."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return False
    return isinstance(moment, datetime) and moment.tzinfo is not None


def _translated(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("en_US"))


def _one_model_provider(value: Any) -> bool:
    """The daemon keeps only the last provider of several, and a model plugin may be nothing else."""
    models = value.get("models") if isinstance(value, dict) and set(value) == {"models"} else None
    return isinstance(models, list) and len(models) == 1 and _path(models[0])


def _path(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_PATH


def _optional(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


RULES = (
    Rule("version", _like(VERSION), "three numbers such as 0.1.0, as a text"),
    Rule("type", _like("plugin"), "plugin"),
    Rule("author", _author, f"lower case like {AUTHOR}, no UUID and without {' or '.join(RESERVED_AUTHORS)}"),
    Rule("name", _like(NAME), f"lower case like {NAME}"),
    Rule("label", _translated, "a translated text with en_US"),
    Rule("description", _translated, "a translated text with en_US"),
    Rule("icon", _path, f"a file name of at most {LONGEST_PATH} characters"),
    Rule("icon_dark", _optional(_path), f"a file name of at most {LONGEST_PATH} characters"),
    Rule("created_at", _time, "a time with a zone, such as 2026-01-31T00:00:00Z"),
    Rule("privacy", _path, "the name of the privacy file"),
    Rule("repo", _optional(_like(r"https?://\S+")), "a URL"),
    Rule("tags", _optional(_subset(TAGS)), f"some of {', '.join(sorted(TAGS))}"),
    Rule("resource.memory", lambda value: type(value) is int and value > 0, "a number of bytes"),
    Rule("resource.permission", _optional(lambda value: isinstance(value, dict)), "a mapping"),
    Rule("plugins", _one_model_provider, "exactly one model provider's file and nothing else"),
    Rule("meta.version", _like(VERSION), "three numbers such as 0.0.2, as a text"),
    Rule("meta.arch", lambda value: bool(value) and _subset(ARCHITECTURES)(value), "amd64, arm64 or both"),
    Rule("meta.runner.language", _like("python"), "python"),
    Rule("meta.runner.version", _like(r"3\.\d+"), "a quoted Python version such as '3.12'"),
    Rule("meta.runner.entrypoint", _like(r"\w+(\.\w+)*"), "a module's name"),
    # Dify's console compares it as major.minor.patch, so two numbers are not enough.
    Rule("meta.minimum_dify_version", _optional(_like(r"\d+\.\d+\.\d+")), "three numbers such as 1.6.0"),
)
