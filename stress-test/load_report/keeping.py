"""The document of a run that goes on, made no more often than the load generator can afford."""

import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

LEAST = 2.0  # seconds between two documents: Locust's page asks as often
# And so many times what making one took. Where the load comes from, all streams wait meanwhile: less than 1 % of the
# time, or the p99 of the client's lag would tell of nothing else. A master makes no load.
LOADED, MASTER = 250, 10

type Json = Mapping[str, Any]
type Current = Callable[[], Json | None]

log = logging.getLogger(__name__)


class Kept:
    """The last document, made anew only when that costs the load generator little."""

    def __init__(self, current: Current, share: float = LOADED, clock: Callable[[], float] = monotonic) -> None:
        self._current, self._share, self._clock = current, share, clock
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
            self._until = ended + max(LEAST, self._share * (ended - began))
        return self._document
