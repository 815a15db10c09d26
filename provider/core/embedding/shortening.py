"""Texts that are too long for a model, cut to what the server counts."""

import re
from collections.abc import Callable

from provider.core.embedding.refusals import Reason
from provider.core.tokens import estimate_text
from provider.core.wire.failure import Failure

TRIES = 8
MARGIN = 0.97  # tokens are not spread evenly over a text
LEAST = 512  # tokens; no embedding model takes fewer, so a shorter text is not what a server breaks at

# What servers say of a text that is too long: how much they take, and how much it was.
TAKES = re.compile(
    r"batch size: (\d+)|context length is (\d+)|context length only supports (\d+)|less than (\d+) tokens"
    r"|(?:context size|max_model_len|limit)\D{0,12}(\d+)",
    re.IGNORECASE,
)
GIVEN = re.compile(
    r"(?:input|request) \((\d+) tokens\)|(?:requested|(?:input|request) has|given:|contains(?: at least)?) (\d+)",
    re.IGNORECASE,
)


def takes(failure: Failure | None) -> int | None:
    """Tokens of one text, as the refusal says."""
    return (failure.context_length or _number(TAKES, failure.words)) if failure else None


def could_help(text: str, why: Reason, failure: Failure | None) -> bool:
    """Whether to send less of a text that was refused alone. Without a failure there was an answer, or none at all."""
    if failure is None or len(text) == 1:
        return False
    return why != "broken" or estimate_text(text) > LEAST


def shorter(text: str, failure: Failure | None, limit: int | None) -> str:
    """By the server's numbers, else by our estimate, else half."""
    most, given = takes(failure) or limit, _given(failure) or estimate_text(text)
    share = most / given * MARGIN if most and most < given else 0.5
    return text[: max(1, int(len(text) * share))]


def cut(text: str, limit: int, tokens: Callable[[str], int | None]) -> str:
    """The beginning of a text that the server counts as at most `limit` tokens."""
    if _surely_fits(text, limit):
        return text
    for _ in range(TRIES):
        counted = tokens(text)
        if counted is None or counted <= limit:
            break
        text = text[: max(1, int(len(text) * limit / counted * MARGIN))]
    return text


def _given(failure: Failure | None) -> int | None:
    return (failure.prompt_tokens or _number(GIVEN, failure.words)) if failure else None


def _surely_fits(text: str, limit: int) -> bool:
    """A token is never less than a byte; the marks before and after a text are a few tokens more."""
    return len(text) * 4 + 4 <= limit or len(text.encode(errors="replace")) + 4 <= limit


def _number(pattern: re.Pattern[str], words: str) -> int | None:
    found = pattern.search(words)
    return next((int(each) for each in found.groups() if each), None) if found else None
