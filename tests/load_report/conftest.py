"""Chromium where it is; where it must be, its absence is a failure."""

import os

import pytest

from tests.load_report import chromium


@pytest.fixture(scope="session")
def browser():
    if not chromium.program():
        absent = "chromium is not installed: apt-get install chromium"
        pytest.fail(absent) if os.environ.get("CI") == "true" else pytest.skip(absent)
    return chromium.visit
