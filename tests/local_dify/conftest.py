"""A local Dify app in front of a scripted model server, started once.

`make .venv-graphon/ready` prepares the engine's environment; without it the tests that need it are skipped.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_dify import launcher
from tests.local_dify.asking import Dify
from tests.local_dify.backend import model_server
from tests.servers.scripted import ScriptedServer

APPS = sorted((Path(__file__).parent / "apps").glob("*.yml"))


@pytest.fixture(scope="session")
def graphon() -> Path:
    """The engine's Python."""
    if not launcher.PYTHON.exists() and os.environ.get("GRAPHON") != "required":
        pytest.skip(f"{launcher.HOW_TO_PREPARE} prepares Dify's engine")
    return launcher.PYTHON


@pytest.fixture(scope="session")
def backend() -> Iterator[ScriptedServer]:
    with model_server() as server:
        yield server


@pytest.fixture(scope="session")
def dify(graphon, backend) -> Iterator[Dify]:
    with launcher.running(backend.url, APPS) as served:
        yield Dify(**served)
