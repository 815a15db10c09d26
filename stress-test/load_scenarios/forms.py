"""The inputs of a Dify app, from what `/v1/parameters` says it wants."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TEXTS = ("paragraph", "text-input")
USUAL = ("query", "question", "prompt", "text", "input")
LIKE_A_TEXT = "load test"
FILE = {"type": "document", "transfer_method": "remote_url", "url": "https://…"}
EXAMPLES = {"file": FILE, "file-list": [FILE]}


class CannotFill(ValueError):
    """An input that only the user can give; the text says how."""


def question_of(form: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """The input that takes the prompt, and how many characters it takes (0: any): one with a usual name, else the first
    text that must be there, else the first text; empty when there is none."""
    texts = [field for kind, field in _fields(form) if kind in TEXTS]
    order = sorted(texts, key=lambda field: (field["variable"] not in USUAL, not field.get("required")))
    return (order[0]["variable"], int(order[0].get("max_length") or 0)) if order else ("", 0)


def fill(form: Sequence[Mapping[str, Any]], given: Mapping[str, Any], question: str) -> dict[str, Any]:
    """What was given, and something for every other input that must be there."""
    needed = [(kind, field) for kind, field in _fields(form) if field.get("required") and field["variable"] != question]
    return {field["variable"]: _value(kind, field) for kind, field in needed if field["variable"] not in given} | dict(
        given
    )


def _fields(form: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Dify's form is a list of objects, each with the kind as its only name."""
    return ((kind, field) for entry in form for kind, field in entry.items() if "variable" in field)


def _value(kind: str, field: Mapping[str, Any]) -> Any:
    if field.get("default") not in (None, ""):
        return field["default"]
    if kind in TEXTS:
        return LIKE_A_TEXT[: field.get("max_length") or None]
    simple = {"number": 1, "checkbox": False}
    if kind in simple:
        return simple[kind]
    if kind == "select" and field.get("options"):
        return field["options"][0]
    name, example = field["variable"], json.dumps(EXAMPLES[kind], ensure_ascii=False) if kind in EXAMPLES else "…"
    raise CannotFill(f"the input {name} ({kind}) is not filled by itself: --inputs '{{\"{name}\": {example}}}'")
