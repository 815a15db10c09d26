import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILES = ["requirements.txt", "requirements-dev.txt"]
PINNED = re.compile(r"[a-z0-9-]+==[^\s\\;]+( \\\n    --hash=sha256:[0-9a-f]{64})+")
ADDRESS = re.compile(r"://|file:|-index|find-links|trusted-host|^-", re.MULTILINE)


def blocks(name):
    """Each requirement with the lines that belong to it."""
    return re.split(r"\n(?=\S)", Path(name).read_text().strip())


def pins(name):
    return dict(block.split()[0].split("==") for block in blocks(name))


def brought_by(name, found):
    """`name` and all that it requires here, canonical."""
    if name not in found:
        found.add(name)
        for requirement in map(Requirement, requires(name) or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                brought_by(canonicalize_name(requirement.name), found)
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_one_version_with_hashes_and_nothing_else(name):
    assert [block for block in blocks(name) if not PINNED.fullmatch(block)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_requirements_file_names_a_registry(name):
    assert ADDRESS.findall(Path(name).read_text()) == []


def test_the_plugin_installs_dify_plugin_and_what_it_brings_and_no_more():
    assert set(pins("requirements.txt")) == brought_by("dify-plugin", set())


def test_tests_run_with_the_versions_that_ship():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
