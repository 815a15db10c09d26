"""The self-written corpus, read from the YAML files in `corpus/`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("corpus")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question, what the model thinks about it, and what it says."""

    question: str
    thought: str
    answer: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One answer, and the questions that get it."""

    thought: str
    questions: list[str]
    answer: str


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


ENGLISH = [Topic(**topic) for topic in _read("english")]
CHINESE = [Topic(**topic) for topic in _read("chinese")]
FACTS: dict[str, Any] = _read("facts")
PHRASES: dict[str, Any] = _read("phrases")
TOOLS: dict[str, Any] = _read("tools")
EVALUATION: dict[str, Any] = _read("evaluation")
QUESTIONS: dict[str, list[str]] = PHRASES["questions"]
CITIES = [capital for _, capital, _, _ in FACTS["capitals"]] + FACTS["more_cities"]
CHINESE_CITIES = [capital for *_, capital in FACTS["capitals"]] + FACTS["more_chinese_cities"]
