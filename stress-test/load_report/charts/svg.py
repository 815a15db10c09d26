"""From a matplotlib figure to an element of the page: no ids twice, no foreign addresses, colours from its style."""

import html
import io
import re
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

INK, WEAK, GRID, PAPER = "#010101", "#020202", "#030303", "#040404"
FIRST, SECOND, GOOD, BAD = "#050505", "#060606", "#070707", "#080808"
VARIABLES = {
    INK: "ink", WEAK: "weak", GRID: "grid", PAPER: "paper", FIRST: "first", SECOND: "second", GOOD: "good", BAD: "bad",
}  # fmt: skip
"""Colours that stand for a variable of the style sheet; matplotlib knows only real ones."""

# Text stays text: small, found by a search, read aloud, in the page's own font.
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 11.5,
    "font.family": "sans-serif",
    "axes.unicode_minus": True,
}


@dataclass(frozen=True, slots=True)
class Chart:
    key: str
    title: str
    text: str
    """What it shows, in half a sentence; the element's label may say more."""
    svg: str


def chart(key: str, title: str, text: str, figure: Figure, spoken: str = "") -> Chart:
    with rc_context({**STYLE, "svg.hashsalt": key}), io.StringIO() as file:
        figure.savefig(file, format="svg", transparent=True)
        return Chart(key, title, text, _element(key, f"{title}: {spoken or text}", file.getvalue()))


def _element(key: str, label: str, drawn: str) -> str:
    """The `svg` element alone."""
    body = drawn[drawn.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]+)"', body)
    assert box, "matplotlib writes one"
    body = body[body.index(">") + 1 :]
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{key}-{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{key}-", body)
    for colour, name in VARIABLES.items():
        body = body.replace(colour, f"var(--{name})")
    body = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", body)
    body = re.sub(r"\n\s*", "\n", body).strip()
    return f'<svg role="img" aria-label="{html.escape(label)}" viewBox="{box[1]}" preserveAspectRatio="xMidYMid">{body}'
