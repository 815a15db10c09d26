"""Why there is no result."""

from scripts.kit import exits
from scripts.kit.command import Stop


class NotMeasured(Stop):
    """What was run is not what was to be measured, or there was no time left for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, code=exits.COULD_NOT_RUN)
