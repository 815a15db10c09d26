"""Which of our errors a server's words and status mean. Pure; the texts are from real servers."""

import re

from provider.core.errors import (
    BadSetting,
    Busy,
    ContextOverflow,
    Failed,
    Loading,
    ModelMissing,
    Rejected,
    ServerError,
    Unauthorized,
)
from provider.core.wire.failure import Failure

# First hit wins. Words come before the status, because servers use 500 for what the caller did wrong.
BY_WORDS: tuple[tuple[str, type[ServerError]], ...] = (
    (
        (
            r"exceed_context_size|exceeds the (available|maximum) context|maximum context length"
            r"|context size has been exceeded|longer than the (maximum |model'?s? )?context"
            r"|context length (is )?exceeded|fit in context|tokens to keep from|keep the first \d+ tokens"
            r"|larger than the max context|input length exceeds|too large to process|greater than the context length"
            r"|context length is only"
        ),
        ContextOverflow,
    ),
    (r"loading model|model is (still )?loading|still loading|warming up", Loading),
    (r"maximum pending requests|server busy|too many requests|overloaded|no slot|rate limit|queue is full", Busy),
    (r"invalid api key|incorrect api key|unauthorized|authentication|api key (is )?required", Unauthorized),
    (
        (
            r"model\b.{0,200}(not found|does not exist|not exist|no such|not installed)|no such model|model_not_found"
            r"|(no|not) model.{0,20}loaded|model is not loaded|try pulling it first"
            r"|no running session found for model|no models are available"
        ),
        ModelMissing,
    ),
    (
        (
            r"out of memory|out-of-memory|cudamalloc|has terminated|unexpectedly stopped|requires more system memory"
            r"|unable to allocate|llama-server binary not found|failed to load model"
        ),
        Failed,
    ),
    (
        (
            r"does not support|not supported|unsupported|must be of type|invalid (format|option|json|schema)"
            r"|illegal base64|failed to load image|failed to parse|cannot unmarshal|hint: if this is unexpected"
            r"|context does not support logits|unknown (type|field)|missing unit in duration|invalid tool call"
        ),
        Rejected,
    ),
)
BY_STATUS: dict[int, type[ServerError]] = {
    401: Unauthorized,
    403: Unauthorized,
    407: Unauthorized,
    408: Busy,
    429: Busy,
    501: Rejected,
    503: Busy,
}
_BY_WORDS = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), kind) for pattern, kind in BY_WORDS)


def classify(failure: Failure) -> type[ServerError]:
    """The error class; an unknown refusal is `Rejected` for 4xx and `Failed` for all else."""
    if failure.status and 300 <= failure.status < 400:  # noqa: PLR2004 - HTTP's redirections
        return BadSetting
    if failure.status in (401, 407):
        return Unauthorized
    said = f"{failure.type} {failure.words}"
    for pattern, kind in _BY_WORDS:
        if pattern.search(said):
            return kind
    if failure.status in BY_STATUS:
        return BY_STATUS[failure.status]
    return Rejected if failure.status and failure.status < 500 else Failed  # noqa: PLR2004 - HTTP's server errors
