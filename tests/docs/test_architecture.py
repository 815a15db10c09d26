"""ARCHITECTURE.md is a map of what is there, and of all that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
TABLE = TEXT.partition("## Concern, file, test")[2].partition("\n## ")[0]
LINES = [line for line in TABLE.splitlines() if line.startswith("| ")]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES[1:]]
MODULES = [path for path in (ROOT / "provider" / "core").rglob("*.py") if path.name != "__init__.py"]


def named(cell):
    return re.findall(r"`([^`]+)`", cell)


def place(name):
    """Names are below provider/ unless they begin with another folder of the repository."""
    return next((at for at in (ROOT / "provider" / name, ROOT / name) if at.exists()), None)


def test_there_is_a_table():
    assert len(ROWS) > 30


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_concern_has_files_and_tests_that_exist(row):
    _, files, tests = row

    assert named(files)
    assert [name for name in named(files) if not place(name)] == []
    assert named(tests)
    assert [name for name in named(tests) if not (ROOT / name).is_file()] == []
    assert all("\ndef test_" in (ROOT / name).read_text(encoding="utf-8") for name in named(tests))


def test_every_module_of_the_core_is_on_the_map():
    """By its own name, or by that of its folder."""
    modules = [path.relative_to(ROOT / "provider") for path in MODULES]
    names = [(path.as_posix(), f"{path.parent.as_posix()}/") for path in modules]

    assert [own for own, folder in names if f"`{own}`" not in TEXT and f"`{folder}`" not in TABLE] == []


def test_no_test_of_the_core_or_of_dify_s_side_is_left_out():
    there = [path for name in ("core", "dify", "plugin") for path in (ROOT / "tests" / name).rglob("test_*.py")]
    names = [path.relative_to(ROOT).as_posix() for path in there]

    assert [name for name in names if f"`{name}`" not in TABLE] == []


def test_the_layers_are_those_that_are_checked():
    layers = re.search(r"^layers = \[(.*)\]$", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)

    assert layers
    assert " > ".join(f"`{name}`" for name in re.findall(r'"([^"]+)"', layers[1])) in TEXT
