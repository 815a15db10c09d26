"""Draws docs/pictures/load-report.png: the top of the page of a simulated sweep, or of a report of yours.

PYTHONPATH=.:stress-test python -m tests.load_report.picture [report.json]
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from load_report.writing import page
from tests.load_report import chromium, examples

PICTURE = chromium.ROOT / "docs" / "pictures" / "load-report.png"
WIDTH, COLOURS = 960, 96
END = "Math.ceil(document.querySelectorAll('figure')[3].getBoundingClientRect().bottom + 12)"


def main(report=None):
    document = json.loads(Path(report).read_text(encoding="utf-8")) if report else examples.sweep()
    with TemporaryDirectory() as folder:
        html, png = Path(folder) / "report.html", Path(folder) / "report.png"
        html.write_text(page(document), encoding="utf-8")
        (seen,) = chromium.visit({"url": html.as_uri(), "width": WIDTH, "script": END, "picture": str(png)})
        with Image.open(png) as whole:
            top = whole.convert("RGB").crop((0, 0, WIDTH, min(seen["answer"], whole.height)))
    PICTURE.parent.mkdir(exist_ok=True)
    top.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
