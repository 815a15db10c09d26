"""What is said: texts of our own, one a line of a text file, or JSONL in the shapes that people have."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIELDS = ("prompt", "question", "query", "text", "input", "instruction")
LARGEST = 20_000_000  # bytes; workers are sent all of it
OWN = (
    "Who are you?",
    "Explain in two sentences what a load test is.",
    "What is the capital of France, and what is it known for?",
    "Write a short greeting for a new colleague.",
    "List three ways to save energy at home.",
    "Translate into German: Good morning, how can I help you?",
    "Why is the sky blue?",
    "Summarize the plot of a story about a lighthouse keeper in three sentences.",
)


class BadPrompts(ValueError):
    """A file of prompts that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """`texts` are the turns of one user; `at` is when, in seconds, if a trace said so."""

    texts: tuple[str, ...]
    at: float | None = None
    max_tokens: int = 0

    def to_wire(self) -> list[Any]:
        return [list(self.texts), self.at, self.max_tokens]

    @classmethod
    def from_wire(cls, wire: Sequence[Any]) -> "Prompt":
        return cls(tuple(wire[0]), wire[1], wire[2])


def own() -> list[Prompt]:
    return [Prompt((text,)) for text in OWN]


def read(path: Path) -> list[Prompt]:
    """Raises `BadPrompts`."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadPrompts(f"{path} is larger than {LARGEST // 1_000_000} MB; take a part of it")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPrompts(f"{path} cannot be read: {error}") from error
    jsonl = path.suffix in {".jsonl", ".ndjson", ".json"}
    prompts = (
        _lines_of_json(text, path) if jsonl else [Prompt((line.strip(),)) for line in text.split("\n") if line.strip()]
    )
    if not prompts:
        raise BadPrompts(f"{path} holds no prompt")
    return prompts


def _lines_of_json(text: str, path: Path) -> list[Prompt]:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return [_of_json(line, f"line {number} of {path}") for number, line in lines]


def _of_json(line: str, where: str) -> Prompt:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise BadPrompts(f"{where} is no JSON: {error}") from error
    if isinstance(value, str):
        value = {"prompt": value}
    texts = _texts(value) if isinstance(value, dict) else []
    if not texts:
        raise BadPrompts(f"{where} holds none of {', '.join(FIELDS)}, messages, conversations")
    at, longest = value.get("at"), value.get("max_tokens") or 0
    if not (at is None or _is_time(at)) or type(longest) is not int or longest < 0:
        raise BadPrompts(f"{where}: `at` is a number of seconds, `max_tokens` a whole number")
    return Prompt(tuple(texts), None if at is None else float(at), longest)


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _texts(value: Mapping[str, Any]) -> list[str]:
    """Plain fields, OpenAI's `messages`, or ShareGPT's `conversations`."""
    plain = next((value[name] for name in FIELDS if isinstance(value.get(name), str) and value[name].strip()), None)
    if plain is not None:
        return [plain]
    spoken = value.get("messages") or value.get("conversations") or []
    said = [each for each in spoken if isinstance(each, dict)] if isinstance(spoken, list) else []
    texts = [
        each.get("content", each.get("value"))
        for each in said
        if each.get("role", each.get("from")) in ("user", "human")
    ]
    return [text for text in texts if isinstance(text, str) and text.strip()]
