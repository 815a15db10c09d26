"""What rerank routes answer, in all their shapes, as one score for each document."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from provider.core.wire.failure import Failure, Refusal, error_in
from provider.core.wire.lines import excerpt

LISTS = ("results", "data", "scores", "rankings")
SCORES = ("relevance_score", "score")


def read_scores(answer: Any, documents: Sequence[str], status: int = 200) -> list[float | None]:
    """In the order of `documents`; `None` where the server gave no number.

    Raises:
        Refusal: the answer is an error in spite of its status, or has no scores.
    """
    items = _items(answer, status)
    scores: list[float | None] = [None] * len(documents)
    for position, item in enumerate(items):
        index = _index(item, documents, scores, position if len(items) == len(documents) else None)
        if index is not None and scores[index] is None:
            scores[index] = _score(item)
    return scores


def _items(answer: Any, status: int) -> list[Any]:
    """A bare list, or the list in an object under one of its usual names."""
    if isinstance(answer, Mapping) and (failure := error_in({**answer})):
        raise Refusal(replace(failure, status=failure.status or status))
    found = next((answer[name] for name in LISTS if name in answer), None) if isinstance(answer, Mapping) else answer
    if isinstance(found, list) and found:
        return found
    shown = excerpt(json.dumps(answer, ensure_ascii=False).encode(errors="replace"))
    raise Refusal(Failure(f"an answer without scores: {shown}", status))


def _index(item: Any, documents: Sequence[str], scores: Sequence[Any], position: int | None) -> int | None:
    """The server's index; without one the text it repeats, else the place in a list that is complete."""
    if not isinstance(item, Mapping):
        return position
    given = item.get("index")
    if given is not None:
        return _in_range(given, len(documents))
    text = _text(item)
    if text is None:
        return position
    return next((at for at, each in enumerate(documents) if each == text and scores[at] is None), None)


def _in_range(given: Any, count: int) -> int | None:
    try:
        index = int(given)
    except (ValueError, TypeError, OverflowError):
        return None
    return index if 0 <= index < count else None


def _text(item: Mapping[str, Any]) -> str | None:
    """A document comes back as a text, or as an object that holds it."""
    document = item.get("document", item.get("text"))
    text = document.get("text") if isinstance(document, Mapping) else document
    return text if isinstance(text, str) else None


def _score(item: Any) -> float | None:
    value = next((item[name] for name in SCORES if name in item), None) if isinstance(item, Mapping) else item
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
