"""The report for an issue or a pull request: short, and safe to paste."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from load_report import judged, measured, words
from load_report.headline import Headline, headline
from load_report.tables import Table

MOST_ERRORS = 10
LONGEST = 300  # characters of the server's words


def render(document: Mapping[str, Any]) -> str:
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    top, where = headline(document), document.get("conditions") or {}
    yield f"## {plain(top.sentence)}"
    yield f"\n**{top.state}**, {top.outcome or 'no exit code'}. {plain(words.load(where.get('load')))} on {code(words.plain(where.get('target')))}, {judged.when(where)}."
    for each in top.reasons:
        yield f"* {each.get('state', 'NOTE')} {plain(each['text'])} ({each['code']})"
    yield "\n" + " · ".join(
        f"{tile.name} **{plain(tile.value)}**{f' ({plain(tile.note)})' if tile.note else ''}" for tile in top.tiles
    )
    yield from _bottleneck(top)
    for each in (judged.thresholds, measured.steps, measured.latencies, judged.cost, judged.baseline):
        yield from _table(each(document))
    yield from _errors(document)


def _bottleneck(top: Headline) -> Iterator[str]:
    yield f"\n**Likely bottleneck: {top.part}.** {plain(top.why)}"
    if top.bottleneck["settings"]:
        yield f"Settings that move it: {words.joined(code(each['name']) for each in top.bottleneck['settings'])}."
    if top.bottleneck.get("next"):
        yield f"Measure next: {plain(top.bottleneck['next'])}."


def _table(its: Table) -> Iterator[str]:
    if not its:
        return
    yield f"\n**{its.title}**\n"
    yield _row(its.head)
    yield _row(["---", *("---:" for _ in its.head[1:])])
    for row in its.rows:
        yield _row([plain(cell.text) for cell in row])


def _errors(document: Mapping[str, Any]) -> Iterator[str]:
    found = document.get("errors") or ()
    if not found:
        return
    yield "\n**Errors**\n"
    yield _row(["Class", "Count", "Scenario", "The server's words"])
    yield _row(["---", "---:", "---", "---"])
    for each in found[:MOST_ERRORS]:
        yield _row(
            [each["class"], words.number(each["count"]), plain(each["row"]), code(each.get("message") or words.NOTHING)]
        )
    if len(found) > MOST_ERRORS:
        yield f"\n{len(found) - MOST_ERRORS} more in report.json."


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def plain(text: str) -> str:
    """Text that stays text: no markup, no mention, no end of a cell."""
    return re.sub(r"([\\`*_\[\]|@#~])", r"\\\1", html.escape(words.one_line(text), quote=False))


def code(text: str) -> str:
    """In a code span nobody is mentioned and nothing is markup."""
    return f"`{words.one_line(text)[:LONGEST].replace('`', "'").replace('|', '\\|')}`"
