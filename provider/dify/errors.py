"""Our errors, in Dify's words."""

from collections.abc import Generator
from contextlib import contextmanager

from dify_plugin.errors.model import (
    InvokeAuthorizationError,
    InvokeBadRequestError,
    InvokeConnectionError,
    InvokeError,
    InvokeRateLimitError,
    InvokeServerUnavailableError,
)

from provider.core import errors
from provider.core.wire.characters import mended

# First hit wins: a subclass stands before its parent.
IN_DIFY: tuple[tuple[type[errors.ServerError], type[InvokeError]], ...] = (
    (errors.Unreachable, InvokeConnectionError),
    (errors.TimedOut, InvokeConnectionError),
    (errors.Unauthorized, InvokeAuthorizationError),
    (errors.ModelMissing, InvokeBadRequestError),
    (errors.BadSetting, InvokeBadRequestError),
    (errors.Rejected, InvokeBadRequestError),
    (errors.Busy, InvokeRateLimitError),
    (errors.ServerError, InvokeServerUnavailableError),  # loading, failed, broken off
)


def in_dify(error: errors.ServerError) -> InvokeError:
    kind = next(theirs for ours, theirs in IN_DIFY if isinstance(error, ours))
    return kind(mended(str(error)))


@contextmanager
def dify_errors() -> Generator[None]:
    """Dify maps what `_invoke` raises, but not what its generator raises; this maps both."""
    try:
        yield
    except errors.ServerError as error:
        raise in_dify(error) from error


# Every class stands for itself: `_transform_invoke_error` is overridden to let them pass.
SDK_MAPPING: dict[type[InvokeError], list[type[Exception]]] = {kind: [kind] for _, kind in IN_DIFY}
