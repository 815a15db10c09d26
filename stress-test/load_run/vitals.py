"""What the load generator costs itself: processor, pauses of the garbage collector, requests it could not send."""

import gc
import time
from typing import Any

import psutil

SAMPLE = 1.0  # seconds
TOGETHER = 3  # samples; one alone may be an accident
LATE = 0.1  # seconds after its time that a request is counted as late


class Vitals:
    """Of this process, while stages run: between `start` and `stop`."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._cpu: list[float] = []
        self._sampled = 0.0
        self._pause = self._pause_began = 0
        self.dropped = self.late = 0

    def start(self) -> None:
        self._process.cpu_percent()
        self._sampled = time.monotonic()
        if self._watch_gc not in gc.callbacks:
            gc.callbacks.append(self._watch_gc)

    def stop(self) -> None:
        if self._watch_gc in gc.callbacks:
            gc.callbacks.remove(self._watch_gc)
            if time.monotonic() - self._sampled > SAMPLE / 2:
                self.sample()

    def sample(self) -> None:
        """To be called once in a while; each value is of the time since the last."""
        self._cpu.append(self._process.cpu_percent())
        self._sampled = time.monotonic()

    def told(self) -> dict[str, Any]:
        return {
            "cpu_percent_max": highest(self._cpu),
            "gc_pause_ms_max": round(self._pause / 1e6, 3),
            "dropped": self.dropped,
            "late": self.late,
        }

    def _watch_gc(self, phase: str, _info: dict[str, int]) -> None:
        now = time.monotonic_ns()
        if phase == "start":
            self._pause_began = now
        elif self._pause_began:
            self._pause = max(self._pause, now - self._pause_began)


def highest(samples: list[float]) -> float | None:
    """The highest mean of three neighbours, or of as many as there are."""
    if not samples:
        return None
    size = min(TOGETHER, len(samples))
    return round(max(sum(samples[at : at + size]) / size for at in range(len(samples) - size + 1)), 1)


def worst(all_of_them: list[dict[str, Any]]) -> dict[str, Any]:
    """Of all processes: the busiest, the longest pause, the sums."""

    def most(name: str) -> float | None:
        return max((each[name] for each in all_of_them if each[name] is not None), default=None)

    sums = {name: sum(each[name] for each in all_of_them) for name in ("dropped", "late")}
    return {"cpu_percent_max": most("cpu_percent_max"), "gc_pause_ms_max": most("gc_pause_ms_max"), **sums}
