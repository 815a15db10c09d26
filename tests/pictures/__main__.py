"""Makes all pictures anew."""

import tempfile
from pathlib import Path

from tests.pictures.drawing import svg_of
from tests.pictures.scenes import SCENES, play

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"

if __name__ == "__main__":
    for name in SCENES:
        with tempfile.TemporaryDirectory() as folder:
            svg = svg_of(f"local models {name}", play(name, Path(folder)))
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(f"docs/pictures/{name}.svg")
