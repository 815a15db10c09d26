"""Ask again while the server loads its model, is busy, or is about to come back."""

from collections.abc import Callable

from provider.core import errors
from provider.core.backends import Backend
from provider.core.retry import Retries


def patiently[Result](backend: Backend, ask: Callable[[], Result]) -> Result:
    """Raises what `ask` raised last. A server is not waited for when another one could answer."""
    retries = Retries(backend.http.server.timeouts)
    while True:
        try:
            return ask()
        except (errors.Unreachable, errors.Loading, errors.Busy) as error:
            if not backend.waits:
                raise
            retries.pause_or_raise(error)
