"""Nothing the plugin does needs the internet: every socket to anything but loopback is refused here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.embedded.server import EmbeddedServer
from scripts.plugin_host import PluginError, PluginHost
from tests.conftest import ONLY_LOOPBACK, ROOT

# Python runs a `sitecustomize` it finds before anything else. An audit hook sees what C code does too, and so gevent.
GUARD = """
import sys

def is_loopback(host):
    return host is None or str(host).startswith("127.") or host in ("::1", "localhost")

def guard(event, args):
    if event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else None
    elif event == "socket.getaddrinfo":
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
    else:
        return
    if not is_loopback(host):
        open(LOG, "a").write(f"{event} {host}\\n")
        raise OSError(101, "Network is unreachable")

sys.addaudithook(guard)
"""


@pytest.fixture
def attempts(tmp_path: Path) -> Path:
    """Where the guard writes what it refused."""
    log = tmp_path / "attempts"
    log.touch()
    (tmp_path / "sitecustomize.py").write_text(f"LOG = {str(log)!r}\n{GUARD}")
    return log


@pytest.fixture
def offline(attempts: Path) -> Iterator[PluginHost]:
    environment = {
        **ONLY_LOOPBACK,
        "PYTHONPATH": str(attempts.parent),
        "HTTP_PROXY": "http://proxy.invalid:3128",
        "HTTPS_PROXY": "http://proxy.invalid:3128",
    }
    with PluginHost(ROOT, env=environment, strict=True) as host:
        yield host


def test_saving_counting_and_chatting_touch_only_the_model_server(
    offline: PluginHost, demo_server: EmbeddedServer, attempts: Path
) -> None:
    messages = [{"role": "user", "content": "hello"}]
    credentials = offline.validate_model("demo", {"base_url": demo_server.url})
    auto = offline.validate_provider({"base_url": demo_server.url})
    assert offline.schema("demo", credentials)
    assert offline.num_tokens("demo", credentials, messages) > 0
    assert list(offline.invoke_llm("demo", credentials, messages))
    assert list(offline.invoke_llm("auto", auto, messages, stream=False))

    assert attempts.read_text() == ""


def test_a_count_without_a_server_is_an_estimate_without_a_download(offline: PluginHost, attempts: Path) -> None:
    form = {"base_url": "http://127.0.0.1:9", "server": "ollama"}

    assert 3 <= offline.num_tokens("m", form, [{"role": "user", "content": "hello there 你好"}]) <= 30
    assert attempts.read_text() == ""


def test_the_guard_itself_works(offline: PluginHost, attempts: Path) -> None:
    with pytest.raises(PluginError):
        offline.validate_model("m", {"base_url": "http://models.example:11434"})

    assert "models.example" in attempts.read_text()
