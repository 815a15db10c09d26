"""What has come of a run so far, and its document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from load_metrics import slo
from load_metrics.cost import comparison
from load_metrics.figures import figures
from load_metrics.summary import Run, Step, summary
from load_report.advice import bottleneck
from load_run.conditions import conditions
from load_run.gathering import Gathering
from load_run.loads import MODEL, RUN, Stage
from load_run.settings import Settings
from load_scenarios.looking import Found


@dataclass(slots=True)
class Result:
    """Filled by the conductor while it leads."""

    settings: Settings
    found: Found
    gathering: Gathering
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    processes: int = 1
    warm_up: int = 0
    windows: dict[str, float] = field(default_factory=dict)
    """Seconds that each label was open; the run's is the sum of its stages."""
    steps: list[dict[str, Any]] = field(default_factory=list)
    """For a sweep: `load`, `met_slo`, `label`, `window_s` of each step that is over."""
    offered: dict[str, int] = field(default_factory=dict)
    lost_workers: int = 0
    late_workers: int = 0
    _open: tuple[Stage, float] | None = None
    """The stage that goes on, and since when."""

    def stage_begins(self, stage: Stage) -> None:
        self.gathering.stage_begins()
        self._open = stage, monotonic()

    def stage_over(self, stage: Stage, window_s: float) -> None:
        self._open = None
        for label in stage.labels:
            self.windows[label] = self.windows.get(label, 0.0) + window_s
        if stage.arrivals and stage.labels[0] == RUN:
            self.offered[stage.labels[-1]] = stage.arrivals.due_before(window_s)
        if self.settings.load.sweeps and stage.labels[0] == RUN:
            met = self._met(stage.labels[-1], window_s)
            self.steps.append({"load": stage.load, "met_slo": met, "label": stage.labels[-1], "window_s": window_s})

    def document(self) -> dict[str, Any]:
        settings = self.settings
        run = Run(
            tally=self.gathering.tally(RUN),
            window_s=self._window_s(),
            conditions=self._conditions(),
            client=self._client(),
            thresholds=settings.thresholds,
            steps=[Step(each["load"], self.gathering.tally(each["label"]), each["window_s"]) for each in self.steps],
            unit=settings.load.unit,
            allowed_errors=settings.allowed_errors,
            baseline=settings.baseline,
            baseline_file=settings.baseline_file,
            comparison=self._comparison(),
        )
        document = summary(run)
        for code, text in self._about_workers():
            told = document["verdict"]
            told["reasons"].append({"state": "SUSPECT", "code": code, "text": text})
            told["state"] = "SUSPECT" if told["state"] == "VALID" else told["state"]
        document["verdict"]["bottleneck"] = bottleneck(document)
        return document

    def _about_workers(self) -> Iterator[tuple[str, str]]:
        """Fewer or more than at the start: the load was less than it should have been."""
        if self.lost_workers:
            missing = "went away during the run: their last numbers are missing"
            yield "lost_workers", f"{self.lost_workers} of {self.processes} workers {missing}"
        if self.late_workers:
            yield (
                "late_workers",
                f"{self.late_workers} workers came during the run: users that Locust gave them did not ask",
            )

    def _window_s(self) -> float:
        """Of the run, so far."""
        going_on = self._open and RUN in self._open[0].labels
        return self.windows.get(RUN, 0.0) + (monotonic() - self._open[1] if self._open and going_on else 0.0)

    def _met(self, label: str, window_s: float) -> bool | None:
        """For the search: whether a step kept the thresholds; without any, there is nothing to keep."""
        if not self.settings.thresholds:
            return None
        found = figures(self.gathering.tally(label).total(), window_s)
        judged = slo.judge(self.settings.thresholds, found)
        return all(each["met"] for each in judged) and (found["error_rate"] or 0.0) <= self.settings.allowed_errors

    def _comparison(self) -> Mapping[str, Any] | None:
        if MODEL not in self.windows:
            return None
        dify, model = (figures(self.gathering.tally(label).total(), self.windows[label]) for label in (RUN, MODEL))
        return comparison(dify, model)

    def _conditions(self) -> dict[str, Any]:
        vitals = self.gathering.vitals
        counted = {name: vitals[name] for name in ("dropped", "late") if vitals and self.offered}
        told = conditions(self.settings, self.found, self.started, processes=self.processes, warm_up=self.warm_up)
        return {**told, "load": {**told["load"], **counted}, "lost_workers": self.lost_workers}

    def _client(self) -> dict[str, Any]:
        told = {name: value for name, value in self.gathering.vitals.items() if name not in ("dropped", "late")}
        window = self.windows.get(RUN, 0.0)
        if self.offered and window:
            told["offered_per_s"] = round(sum(self.offered.values()) / window, 4)
        return told
