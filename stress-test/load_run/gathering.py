"""What all processes measured, merged: by stage, with what each process cost itself."""

from collections.abc import Mapping
from typing import Any

from load_metrics.tally import Tally
from load_run.vitals import worst


class Gathering:
    """Of one run. Seconds are counted from each stage's beginning, which every process took by its own clock."""

    def __init__(self, limits: Mapping[str, float]) -> None:
        self._limits = limits
        self._tallies: dict[str, Tally] = {}
        self._vitals: dict[str, dict[str, Any]] = {}
        self._windows: dict[str, float] = {}

    def add(self, worker: str, news: Mapping[str, Any]) -> None:
        for label, wire in news["tallies"].items():
            self.tally(label).merge(Tally.from_wire(wire))
        self._vitals[worker] = dict(news["vitals"])
        self._windows[worker] = news["window_s"]

    def stage_begins(self) -> None:
        """What the last stage's windows were says nothing of this one's."""
        self._windows.clear()

    def tally(self, label: str) -> Tally:
        return self._tallies.setdefault(label, Tally(0, limits=self._limits))

    @property
    def window_s(self) -> float:
        """How long the present stage was open, on average of those who have closed it: a worker that went away has not."""
        closed = [window for window in self._windows.values() if window]
        return sum(closed) / len(closed) if closed else 0.0

    @property
    def vitals(self) -> dict[str, Any]:
        return worst(list(self._vitals.values())) if self._vitals else {}
