"""What the plugin wrote to its stdout, sorted: each message to the session that waits for it, the rest kept."""

import threading
from collections import deque
from typing import Any
from weakref import WeakValueDictionary

from scripts.plugin_host.daemon_rules import read_line
from scripts.plugin_host.errors import PluginGone
from scripts.plugin_host.session import GONE, Session

KEPT_LOGS, KEPT_BROKEN_LINES = 1000, 100  # the newest logs, the oldest broken lines


class Output:
    """Filled by one thread, read by any."""

    def __init__(self) -> None:
        self.manifest: dict[str, Any] = {}
        self.logs: deque[dict[str, Any]] = deque(maxlen=KEPT_LOGS)
        self.errors: deque[Any] = deque(maxlen=KEPT_LOGS)  # about requests that the plugin could not read
        self.broken_lines: list[str] = []  # what is wrong with them, and their beginning
        self.broken_line_count = 0
        self.heartbeats = 0
        self.first_heartbeat_or_end = threading.Event()
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._is_first_line = True
        self._has_ended = False

    def expect(self, session: Session) -> None:
        """A session that nobody holds any more is forgotten; as in Dify, the plugin is not told."""
        self._sessions[session.id] = session
        if self._has_ended:  # asked after the session was entered, so one of both threads sees the other
            raise PluginGone("the plugin's process has ended")

    def take(self, line: bytes) -> None:
        line = line.strip()
        if not line:  # the SDK writes an empty line after each message
            return
        message, broken = read_line(line, first=self._is_first_line)
        self._is_first_line = False
        if broken:
            self._keep_broken(broken)
        self._sort(message)

    def end(self) -> None:
        self._has_ended = True
        self.first_heartbeat_or_end.set()
        for session in self._sessions.values():
            session.put(GONE)

    def _sort(self, message: dict[str, Any]) -> None:
        match message:
            case {"event": "session", "session_id": str(name), "data": {"type": _} as data}:
                if (session := self._sessions.get(name)) is not None:
                    session.put(data)
            case {"event": "heartbeat"}:
                self.heartbeats += 1
                self.first_heartbeat_or_end.set()
            case {"event": "log", "data": dict(log)}:
                self.logs.append(log)
            case {"event": "error"}:
                self.errors.append(message.get("data"))
            case {"event": "session" | "log"}:
                self._keep_broken([f"an event without what belongs to it: {message}"])
            case {"event": _}:
                pass  # unknown, and counted as such
            case _:
                self.manifest = self.manifest or message

    def _keep_broken(self, broken: list[str]) -> None:
        self.broken_line_count += 1
        self.broken_lines += broken if len(self.broken_lines) < KEPT_BROKEN_LINES else []
