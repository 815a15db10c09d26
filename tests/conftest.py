"""What every test may use. No test touches an address other than loopback, or one in a network namespace of its own."""

# First of all: the SDK patches the process for gevent, as it does in Dify, and half a process cannot be patched.
import dify_plugin  # noqa: F401, I001

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.plugin_host import PluginHost

pytest_plugins = ["tests.fixtures_embedded"]

ROOT = Path(__file__).parents[1]
ONLY_LOOPBACK = {"LOCAL_MODELS_LOOK_AROUND": "no"}
os.environ.update(ONLY_LOOPBACK)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background job, and every child would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def plugin() -> Iterator[PluginHost]:
    """The real plugin, as Dify's daemon runs it; every message is held against the daemon's rules."""
    with PluginHost(ROOT, env=ONLY_LOOPBACK, strict=True) as host:
        yield host
