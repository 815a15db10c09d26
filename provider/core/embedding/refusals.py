"""What a refusal of texts means: too long, too many, or a field the server does not know. Pure."""

import re
from collections.abc import Collection
from typing import Literal

from provider.core import errors
from provider.core.classify import classify
from provider.core.wire.failure import Failure

type Reason = Literal["long", "many", "broken"]

LONG = re.compile(r"must have less than \d+ (tokens|characters)|too long|maximum input length", re.IGNORECASE)
MANY = re.compile(
    r"batch size \d+ >|maximum allowed batch size|too many (inputs|texts)|only one (text|input)|payload too large",
    re.IGNORECASE,
)
TEXTS_TAKEN = re.compile(r"maximum allowed batch size (\d+)", re.IGNORECASE)
HOPELESS = re.compile(r"load model|loading the model|startup|not found", re.IGNORECASE)  # with less text just the same
TOO_LARGE = 413
NOT_ENABLED = 501
BACKEND_FAILED = 424  # TEI's word for a 500
ALSO_CALLED = {"encoding_format": ("encoding", "base64"), "dimensions": ("dimension", "matryoshka")}


def reason(failure: Failure) -> Reason | None:
    """Why less could work, or `None` when it could not."""
    kind = classify(failure)
    if kind is errors.ContextOverflow or LONG.search(failure.words):
        return "long"
    if failure.status == TOO_LARGE or MANY.search(failure.words):
        return "many"
    if (kind is errors.Failed or failure.status == BACKEND_FAILED) and not HOPELESS.search(failure.words):
        return "broken"
    return None


def texts_taken(failure: Failure | None) -> int | None:
    """How many texts it takes at once, as the refusal says."""
    found = TEXTS_TAKEN.search(failure.words) if failure else None
    return int(found[1]) if found else None


def blamed(failure: Failure, extras: Collection[str], *, proven: bool) -> frozenset[str]:
    """The fields that may have been refused: those it names; else all, on a server that never yet took them."""
    words = failure.words.lower()
    if named := {name for name in extras if any(each in words for each in (name, *ALSO_CALLED.get(name, ())))}:
        return frozenset(named)
    unexplained = classify(failure) in (errors.Rejected, errors.Failed) and reason(failure) in (None, "broken")
    return frozenset(extras) if unexplained and not proven and failure.status != NOT_ENABLED else frozenset()
