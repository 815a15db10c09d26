"""The pictures in the documents show what the commands print today."""

import re

import pytest

from tests.pictures.__main__ import FOLDER
from tests.pictures.drawing import svg_of, text_of
from tests.pictures.scenes import SCENES, play

pytest_plugins = ["tests.servers.dify_fixtures"]

# What depends on the machine and the moment: where it runs, which addresses are open, how far a bar is.
OF_THE_MACHINE = (
    r"✓place.*?(?=✓addresses)|[✓!–]bind.*?(?=✓connection)|[━╸╺]+|N/NGBNGB/s.*$|N/NGB.*$|[✓!–]proxy.*?(?=✓host-header)"
)


def steady(svg):
    return re.sub(OF_THE_MACHINE, "", text_of(svg))


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_is_of_today_s_output(name, tmp_path):
    shown = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    assert steady(shown) == steady(svg_of(f"local models {name}", play(name, tmp_path))), "python -m tests.pictures"


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_asks_for_nothing_from_the_network(name):
    shown = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    assert set(re.findall(r"(?:href|src)=|@import|@font-face|url\((?!#)", shown)) == set()
