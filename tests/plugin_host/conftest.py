"""A plugin that runs once for all tests here, and plugins of a few lines that break every rule."""

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from scripts.plugin_host import PluginHost

ECHO_PLUGIN = Path(__file__).parent / "echo_plugin"
SPEAKER = """\
import json, os, sys, time

def say(event, session_id=None, **data):
    print(json.dumps({"event": event, "session_id": session_id, "data": data}), flush=True)

def reply(session_id, kind, **data):
    say("session", session_id, type=kind, data=data)

def requests():
    for line in sys.stdin:
        yield json.loads(line)

say("heartbeat")
"""


@pytest.fixture(scope="module")
def echo() -> Iterator[PluginHost]:
    """The do-nothing plugin on the real SDK, every message checked."""
    with PluginHost(ECHO_PLUGIN, strict=True) as host:
        yield host


@pytest.fixture
def plugin_that(tmp_path: Path) -> Callable[[str], Path]:
    """The folder of a plugin without the SDK; it is ready in no time, and then does what `code` says."""

    def write(code: str, before: str = SPEAKER) -> Path:
        (tmp_path / "main.py").write_text(before + dedent(code))
        return tmp_path

    return write
