"""Port 5003 of Dify's plugin daemon: takes a plugin that has the key, asks it, drops it, goes away and comes back.

What it says and when it closes is from the daemon's sources (`internal/core/debugging_runtime`).
"""

import json
import socket
import threading
from collections.abc import Generator, Mapping
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Self

from scripts.plugin_host.daemon_rules import rules_for
from scripts.plugin_host.errors import DaemonRuleBroken, PluginError, PluginGone
from scripts.plugin_host.model_calls import ModelCalls
from scripts.plugin_host.output import Output
from scripts.plugin_host.session import Session

KEY = "3f0c1d7e-9a4b-4c2d-8e6f-a1b2c3d4e5f6"
WRONG_KEY, BROKEN_HANDSHAKE = "handshake failed, invalid key", "handshake failed, invalid handshake message"
SECOND_HANDSHAKE = "handshake already completed"
LOCAL = "127.0.0.1"


class DebuggedPlugin(ModelCalls):
    """One connection. Its answers are held against the rules of the daemon, as those over stdin and stdout are."""

    def __init__(self, line: socket.socket) -> None:
        self.declared: dict[str, Any] = {}  # type of the declaration → what was declared
        self.assets: set[str] = set()
        self.output = Output()
        self._line = line

    def invoke(self, action: str, data: Mapping[str, Any], timeout: float = 20) -> Generator[dict[str, Any]]:
        session, rules = Session(action, timeout), rules_for(action, data)
        self.output.expect(session)
        request = {"type": "model", "action": action, "user_id": "user", **data}
        self.send(json.dumps({"session_id": session.id, "event": "request", "data": request}))
        while (message := session.next())["type"] == "stream":
            _enforce(rules.take(message["data"]))
            yield message["data"]
        if message["type"] == "error":
            raise PluginError(message["data"]["error_type"], message["data"]["message"])
        if message["type"] == "gone":
            raise PluginGone(f"the plugin ended during {action}")
        _enforce(rules.end())

    def send(self, text: str) -> None:
        self._line.sendall(text.encode() + b"\n")

    def drop(self) -> None:
        """As a daemon that ends."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()


class DebuggingPort:
    """`says`: words with which it refuses a plugin that has declared all; `plugins` are those that it took."""

    def __init__(self, key: str = KEY, says: str = "") -> None:
        self.key, self.says = key, says
        self.is_old = False  # before 0.5 a second handshake was passed over
        self.handshakes: list[str] = []  # the keys that came
        self.plugins: list[DebuggedPlugin] = []
        self._news: SimpleQueue[DebuggedPlugin] = SimpleQueue()
        self._lines: list[socket.socket] = []
        self._listener = socket.create_server((LOCAL, 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.go()

    def plugin(self, patience: float = 20) -> DebuggedPlugin:
        """The next one that it takes."""
        return self._news.get(timeout=patience)

    def go(self) -> None:
        """As a daemon that is shut down."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def come_back(self) -> None:
        self._listener = socket.create_server((LOCAL, self.port))
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                self._lines.append(line)
                threading.Thread(target=self._converse, args=(line,), daemon=True).start()

    def _converse(self, line: socket.socket) -> None:
        plugin = DebuggedPlugin(line)
        with suppress(OSError, ValueError), line.makefile("rb") as lines:
            words = self._refusal(plugin, (json.loads(each) for each in lines if each.strip()))
            if words:
                plugin.send(words)
                plugin.drop()
                return
            self.plugins.append(plugin)
            self._news.put(plugin)
            for each in lines:
                plugin.output.take(each)
        plugin.output.end()

    def _refusal(self, plugin: DebuggedPlugin, messages: Generator[dict[str, Any]]) -> str:
        """Empty when it has declared all and is taken."""
        hello = next(messages, {})
        if hello.get("type") != "handshake":
            return BROKEN_HANDSHAKE
        self.handshakes.append(hello["data"]["key"])
        if hello["data"]["key"] != self.key:
            return WRONG_KEY
        for message in messages:
            match message:
                case {"type": "handshake"} if not self.is_old:
                    return SECOND_HANDSHAKE
                case {"type": "end"}:
                    return self.says
                case {"type": "asset_chunk", "data": {"filename": name}}:
                    plugin.assets.add(name)
                case {"type": declaration, "data": data}:
                    plugin.declared[declaration] = data
        raise ConnectionError("it left without declaring all")


def _enforce(broken: list[str]) -> None:
    if broken:
        raise DaemonRuleBroken("; ".join(broken))
