"""Medians and spread of several runs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from scripts.bench_model.run import Run

DIGITS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """The values of one measure, one for each run that has it."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> float | None:
        """Half of the way from the lowest to the highest, as a part of the median; one value has none."""
        if len(self.values) == 1 or not self.median:
            return None
        return (max(self.values) - min(self.values)) / 2 / self.median

    def as_dict(self) -> dict[str, Any]:
        low, middle, high = (round(each, DIGITS) for each in (min(self.values), self.median, max(self.values)))
        return {"median": middle, "min": low, "max": high, "values": [round(each, DIGITS) for each in self.values]}


type Read = Callable[[Run], float | None]

THOUSANDTHS = 1000
# Name, unit in the name, and how it is read from a run.
MEASURES: dict[str, Read] = {
    "ttft_ms": lambda run: _times(run.ttft, THOUSANDTHS),
    "ttfv_ms": lambda run: _times(run.ttfv, THOUSANDTHS),
    "tpot_ms": lambda run: _times(run.tpot, THOUSANDTHS),
    "e2e_ms": lambda run: run.e2e * THOUSANDTHS,
    "prefill_tps_server": lambda run: run.counters.prefill_rate if run.counters else None,
    "prefill_tps_client": lambda run: run.prefill_rate,
    "decode_tps_server": lambda run: run.counters.decode_rate if run.counters else None,
    "decode_tps_client": lambda run: run.decode_rate,
    "load_s_server": lambda run: run.counters.load if run.counters else None,
    "prompt_tokens": lambda run: run.prompt_tokens,
    "cached_tokens": lambda run: run.counters.cached_tokens if run.counters else None,
    "output_tokens": lambda run: run.output_tokens,
}


def figures(runs: Iterable[Run]) -> dict[str, Figure]:
    """Only measures that at least one run has."""
    all_runs = list(runs)
    found = {name: _values(all_runs, read) for name, read in MEASURES.items()}
    return {name: Figure(values) for name, values in found.items() if values}


def _values(runs: Sequence[Run], read: Read) -> tuple[float, ...]:
    return tuple(value for run in runs if (value := read(run)) is not None)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
