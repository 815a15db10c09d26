"""Dify's refusals as the end of a command."""

from collections.abc import Generator
from contextlib import contextmanager

from scripts.dify.errors import DifyError, NotReachable, TookTooLong
from scripts.kit import exits
from scripts.kit.command import Stop


@contextmanager
def told() -> Generator[None]:
    """Inside `speaking`: what Dify refused becomes words, a remedy and an exit code."""
    try:
        yield
    except DifyError as error:
        raise Stop(str(error), error.fix, exit_code(error)) from error


def exit_code(error: DifyError) -> int:
    if isinstance(error, NotReachable):
        return exits.COULD_NOT_RUN
    return exits.WAITED if isinstance(error, TookTooLong) else exits.PROBLEM
