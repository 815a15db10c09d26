"""What stands on top of every form of the report: verdict, outcome, the few numbers that matter, the bottleneck."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from load_report import words
from load_report.advice import bottleneck
from load_report.measured import stat
from load_report.words import NOTHING, ms, number, share

type Json = Mapping[str, Any]

OUTCOMES = {
    0: "no objection",
    1: "too many failed requests",
    3: "a threshold was missed",
    4: "the run is not to be believed",
    5: "worse than the baseline",
}
TONES = {"VALID": "good", "SUSPECT": "doubt", "INVALID": "bad"}


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    state: str
    code: int | None
    sentence: str
    reasons: tuple[Json, ...]
    bottleneck: Json
    tiles: tuple[Tile, ...]

    @property
    def tone(self) -> str:
        """Of the whole run: a believable one may still have failed."""
        return "bad" if self.code else self.believed

    @property
    def believed(self) -> str:
        return TONES.get(self.state, "doubt")

    @property
    def outcome(self) -> str:
        return f"exit code {self.code}: {OUTCOMES.get(self.code, 'see the manual')}" if self.code is not None else ""

    @property
    def why(self) -> str:
        why = self.bottleneck["why"]
        return f"{why[:1].upper()}{why[1:]}."

    @property
    def part(self) -> str:
        """The bottleneck's name as a reader would say it."""
        return words.PARTS.get(self.bottleneck["part"], self.bottleneck["part"])


def headline(document: Json) -> Headline:
    verdict = document.get("verdict") or {}
    return Headline(
        state=verdict.get("state") or "SUSPECT",
        code=verdict.get("exit_code"),
        sentence=words.sentence(document),
        reasons=tuple(verdict.get("reasons") or ()),
        bottleneck=verdict.get("bottleneck") or bottleneck(document),
        tiles=tuple(_tiles(document)),
    )


def _tiles(document: Json) -> Iterator[Tile]:
    """Of a sweep: what is carried, and the numbers at that step; all steps together would say nothing."""
    totals = document.get("totals") or {}
    figures, note = totals, ""
    if document.get("sweep") and document.get("steps"):
        step = _step(document)
        unit = step["unit"]
        figures, note = step["figures"], f"at {step['load']:g} {unit}"
        yield Tile(
            "Carries", _at(document["sweep"].get("carries")), unit if document["sweep"].get("slo") else "no thresholds"
        )
        yield Tile("Knee", _at(document["sweep"].get("knee")), unit)
    yield Tile("First token p95", ms(stat(figures, "ttft", "p95")), note)
    yield Tile("Whole answer p95", ms(stat(figures, "e2e", "p95")), note)
    yield Tile("Tokens a second", number(figures.get("output_tokens_per_s")), note)
    yield Tile("Requests a second", number(figures.get("requests_per_s")), note)
    yield Tile("Failed", share(totals.get("error_rate")), f"{number(totals.get('failed'))} of {_finished(totals)}")


def _step(document: Json) -> Json:
    """What is carried, or the lightest."""
    steps, carried = document["steps"], document["sweep"].get("carries")
    return next((step for step in steps if step["load"] == carried), min(steps, key=lambda step: step["load"]))


def _at(load: float | None) -> str:
    return NOTHING if load is None else f"{load:g}"


def _finished(figures: Json) -> str:
    return number((figures.get("ok") or 0) + (figures.get("failed") or 0))
