"""The words of the command line as values; a `ValueError` says what would be right."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from load_metrics import slo as thresholds
from load_metrics.slo import Threshold
from load_metrics.summary import SCHEMA_VERSION
from load_scenarios import mix as mixes
from load_scenarios import prompts as texts
from load_scenarios import trace as traces
from load_scenarios.lengths import Length
from load_scenarios.prompts import Prompt

USERS, PER_SECOND = "users", "req/s"
NUMBER = r"(\d+(?:\.\d+)?)"

type Steps = tuple[tuple[float, ...], str]
"""Loads, and their unit."""


def one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(each for each in allowed if each)}")
        return text

    return read


def seconds(text: str) -> float:
    value = _number(text)
    if value < 0:
        raise ValueError(f"{text!r} is below 0")
    return value


def positive(text: str) -> float:
    value = _number(text)
    if value <= 0:
        raise ValueError(f"{text!r} is not above 0")
    return value


def _number(text: str) -> float:
    try:
        value = float(text.strip().removesuffix("s"))
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is no number of this world")
    return value


def whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text.strip()):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def counting(text: str) -> int:
    if not whole(text):
        raise ValueError("0 is too few")
    return int(text)


def warm_up(text: str) -> int | None:
    return None if text == "auto" else whole(text)


def share(text: str) -> float:
    value = positive_or_zero(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    if value > 1:
        raise ValueError(f"{text!r} is more than everything; 1% or 0.01 is a share")
    return value


def positive_or_zero(text: str) -> float:
    return seconds(text)


def wait(text: str) -> tuple[float, float]:
    low, _, high = text.partition("-")
    found = seconds(low), seconds(high or low)
    if found[0] > found[1]:
        raise ValueError(f"{text!r} goes from more to less; 1-3 is right")
    return found


def ramp(text: str) -> Steps:
    """From, to."""
    found = re.fullmatch(rf"{NUMBER}-{NUMBER}(/s)?", text.strip())
    if not found:
        raise ValueError(f"{text!r} is no ramp; 1-50 is users, 1-50/s requests a second")
    return _loads([found[1], found[2]], found[3])


def steps(text: str) -> Steps:
    found = re.fullmatch(rf"({NUMBER}(?:,{NUMBER})*)(/s)?", text.replace(" ", ""))
    if not found:
        raise ValueError(f"{text!r} are no steps; 1,2,4,8 are users, 1,2,4/s requests a second")
    return _loads(found[1].split(","), found[4])


def _loads(numbers: list[str], per_second: str | None) -> Steps:
    unit = PER_SECOND if per_second else USERS
    if any(not float(number) or (unit == USERS and "." in number) for number in numbers):
        raise ValueError(f"{', '.join(numbers)}: none may be 0, and users are whole")
    return tuple(float(number) for number in numbers), unit


def burst(text: str) -> tuple[int, float]:
    """How many, and every how many seconds."""
    found = re.fullmatch(rf"(\d{{1,6}})/{NUMBER}s?", text.strip())
    if not found or not int(found[1]) or not float(found[2]):
        raise ValueError(f"{text!r} is no burst; 20/10s is 20 requests at once, every 10 seconds")
    return int(found[1]), float(found[2])


def mix(text: str) -> dict[str, int]:
    return mixes.read(text)


def length(text: str) -> Length:
    return Length.read(text)


def prompts(text: str) -> list[Prompt]:
    return texts.read(Path(text))


def trace(text: str) -> tuple[list[Prompt], tuple[float, ...]]:
    return traces.in_order(prompts(text), text)


def json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no JSON: {error}") from error
    if isinstance(value, dict):
        return value
    raise ValueError(f"{text!r} is no JSON object")


def slo(text: str) -> list[Threshold]:
    return thresholds.read(text)


def report(text: str) -> dict[str, Any]:
    try:
        value = json.loads(Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{text} cannot be read as a report ({error})") from error
    if not isinstance(value, dict) or value.get("schema_version") != SCHEMA_VERSION or "series" not in value:
        raise ValueError(f"{text} is no report.json of this program's version")
    return value
