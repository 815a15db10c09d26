"""The report for the end of a terminal: at most 25 lines of plain text."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from load_report import judged, measured
from load_report.headline import Headline, headline
from load_report.tables import Table
from load_report.words import joined, one_line

WIDTH = 100
MOST_STEPS, MOST_ERRORS, MOST_REASONS = 8, 3, 3
STEP_COLUMNS = (0, 2, 5, 6, 8, 9, 10)  # of the table of steps: load, failed, TTFT, E2E p95, tokens/s, kept


def console(document: Mapping[str, Any]) -> str:
    return "\n".join(_lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    top = headline(document)
    yield from _wrapped(f"{top.state}, {top.outcome}. {top.sentence}" if top.code else f"{top.state}. {top.sentence}")
    for each in top.reasons[:MOST_REASONS]:
        yield _short(f"  {each.get('state', 'NOTE')}: {each['text']} ({each['code']})")
    yield ""
    steps = measured.steps(document)
    if steps:
        yield from _steps(steps)
    else:
        yield joined(f"{tile.name} {tile.value}" for tile in top.tiles)
    for row in judged.thresholds(document).rows:
        yield f"  {row[0].text}: {row[1].text}, {row[2].text}"
    for row in judged.baseline(document).rows:
        yield f"  {row[0].text}: {row[1].text} before, {row[2].text} now, {row[5].text}"
    for each in (document.get("errors") or ())[:MOST_ERRORS]:
        yield _short(f"  {each['class']} {each['count']}×: {each.get('message') or ''}")
    yield from _bottleneck(top)


def _steps(its: Table) -> Iterator[str]:
    """All steps, or the first and last of many."""
    rows = [[row[at].text for at in STEP_COLUMNS] for row in its.rows]
    half = MOST_STEPS // 2
    shown = rows if len(rows) <= MOST_STEPS else [*rows[:half], ["…"] * len(STEP_COLUMNS), *rows[-half:]]
    lines = [[its.head[at] for at in STEP_COLUMNS], *shown]
    widths = [max(len(line[at]) for line in lines) for at in range(len(STEP_COLUMNS))]
    for line in lines:
        yield "  " + "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True))


def _bottleneck(top: Headline) -> Iterator[str]:
    yield ""
    yield from _wrapped(f"Likely bottleneck: {top.part}. {top.why}")
    names = joined(each["name"] for each in top.bottleneck["settings"])
    if names:
        yield from _wrapped(f"Settings that move it: {names}.")
    if top.bottleneck.get("next"):
        yield from _wrapped(f"Measure next: {top.bottleneck['next']}.")


def _wrapped(text: str) -> list[str]:
    """At most three lines."""
    lines = textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return lines if len(lines) <= 3 else [*lines[:2], lines[2][: WIDTH - 2] + " …"]


def _short(text: str) -> str:
    line = f"  {one_line(text)}"
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
