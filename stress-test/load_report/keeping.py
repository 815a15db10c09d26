"""The document of a run that goes on, made no more often than the load generator can afford."""

import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

LEAST = 2.0  # seconds between two documents: Locust's page asks as often
SHARE = 50  # and so many times what making one took: it is done where the load comes from

type Json = Mapping[str, Any]
type Current = Callable[[], Json | None]

log = logging.getLogger(__name__)


class Kept:
    """The last document, made anew only when that costs the load generator little."""

    def __init__(self, current: Current, clock: Callable[[], float] = monotonic) -> None:
        self._current, self._clock = current, clock
        self._document: Json | None = None
        self._until = float("-inf")

    def document(self) -> Json | None:
        began = self._clock()
        if began >= self._until:
            self._until = float("inf")  # a second asker gets the old one while this one is made
            try:
                self._document = self._current()
            except Exception:
                log.exception("no numbers for the tab: a mistake of this program")
            ended = self._clock()
            self._until = ended + max(LEAST, SHARE * (ended - began))
        return self._document
