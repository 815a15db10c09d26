"""Lines with ANSI codes as an SVG by Rich, without a font from the network, and its text again."""

import html
import io
import re

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.pictures.terminal import WIDTH

FONT_FACES = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
FORMAT = FONT_FACES.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")


def svg_of(title, lines):
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(Text.from_ansi(line), soft_wrap=False, highlight=False)
    return console.export_svg(title=title, theme=MONOKAI, code_format=FORMAT, unique_id=title.replace(" ", "-"))


def text_of(svg):
    """Without white space, which Rich spreads over elements, and with every number as N."""
    shown = "".join(html.unescape(part) for part in re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    return re.sub(r"\d+([.,]\d+)*", "N", re.sub(r"\s", "", shown))
