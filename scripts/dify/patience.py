"""Trying again what may pass by itself: a Dify that restarts, a proxy that found nobody behind it."""

import time
from collections.abc import Callable

from scripts.dify.errors import DifyError

PAUSES = (0.5, 1.0, 2.0)  # seconds


def patiently[Result](ask: Callable[[], Result]) -> Result:
    """`ask` must be something that may be asked twice. The last failure is raised."""
    for pause in PAUSES:
        try:
            return ask()
        except DifyError as error:
            if not error.may_pass:
                raise
        time.sleep(pause)
    return ask()
