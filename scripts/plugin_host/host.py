"""One running plugin, and any number of conversations with it at the same time."""

import json
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

from scripts.plugin_host.daemon_rules import error_violations, rules_for
from scripts.plugin_host.errors import DaemonRuleBroken, NotStarted, PluginError, PluginGone
from scripts.plugin_host.model_calls import ModelCalls
from scripts.plugin_host.output import Output
from scripts.plugin_host.process import PluginProcess, spawn
from scripts.plugin_host.session import Message, Session

KEPT_VARIABLES = ("PATH", "HOME", "LANG")  # of our environment; above all no proxies
LONGEST_CALL = 600.0  # seconds, as for Dify's daemon: PLUGIN_MAX_EXECUTION_TIMEOUT
NO_DIFY = "this host has no Dify behind it, so nothing can be called back"


class PluginHost(ModelCalls):
    """Starts the plugin in `root` and waits until it is ready. Close it, best with a `with` block.

    With `strict`, what Dify's daemon would not accept raises `DaemonRuleBroken`, at the message that broke the rule.
    """

    first_heartbeat = 120.0  # seconds that Dify's daemon waits for it

    def __init__(
        self,
        root: Path,
        python: str | Path = sys.executable,
        env: Mapping[str, str] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self.output = Output()
        self._strict = strict
        begin = time.monotonic()
        self._process = PluginProcess(
            partial(spawn, root, python, {**_environment(), **(env or {})}), self.output.take, self.output.end
        )
        self._wait_until_ready()
        self.start_seconds = time.monotonic() - begin

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error_type: object, *_: object) -> None:
        self.close()
        if error_type is None:
            self._enforce([])

    def close(self) -> None:
        """The process is gone afterwards. Whoever still waits for it gets `PluginGone`."""
        self._process.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stderr(self) -> str:
        """The last lines that the plugin wrote there."""
        return self._process.stderr

    def rss_bytes(self) -> int:
        return self._process.rss_bytes()

    def cpu_seconds(self) -> float:
        """Since the start of the plugin's process."""
        return self._process.cpu_seconds()

    def invoke(self, action: str, data: Mapping[str, Any], timeout: float = LONGEST_CALL) -> Generator[dict[str, Any]]:
        """Send the request now; what comes back is read while iterating. Leaving early only stops the listening."""
        session = self._ask(Session(action, timeout), action, data)
        return self._replies(session, action, data)

    def listen(self, action: str, data: Mapping[str, Any], hear: Callable[[Message], None]) -> Session:
        """For hundreds of answers without a thread for each: `hear` is called by the thread that reads the plugin.

        It gets messages of the type `stream`, `error`, `end` or, from a plugin that died, `gone`; no rules are checked.
        They come as long as the session that is returned is kept.
        """
        return self._ask(Session(action, hear=hear), action, data)

    def _ask(self, session: Session, action: str, data: Mapping[str, Any]) -> Session:
        self.output.expect(session)
        self._write(session, "request", {"type": "model", "action": action, "user_id": "user", **data})
        return session

    def _replies(self, session: Session, action: str, request: Mapping[str, Any]) -> Generator[dict[str, Any]]:
        rules = rules_for(action, request)
        while True:
            match session.next():
                case {"type": "stream", "data": data}:
                    self._enforce(rules.take(data) if self._strict else [])
                    yield data
                case {"type": "end"}:
                    self._enforce(rules.end() if self._strict else [])
                    return
                case {"type": "error", "data": dict(error)}:
                    self._enforce(error_violations(error))
                    raise PluginError(str(error.get("error_type")), str(error.get("message")), error.get("args"))
                case {"type": "invoke", "data": dict(call_back)}:
                    self._refuse(session, call_back)
                case {"type": "gone"}:
                    raise PluginGone(f"the plugin ended during {action}\n{self.stderr}")
                case unknown:
                    self._enforce([f"a message of an unknown type: {unknown}"])

    def _refuse(self, session: Session, call_back: Mapping[str, Any]) -> None:
        answer = {"backwards_request_id": call_back.get("backwards_request_id"), "event": "error", "message": NO_DIFY}
        self._write(session, "backwards_response", {**answer, "data": None})

    def _write(self, session: Session, event: str, data: Mapping[str, Any]) -> None:
        context = dict.fromkeys(("conversation_id", "message_id", "app_id", "endpoint_id", "context"))
        message = {"session_id": session.id, **context, "event": event, "data": data}
        self._process.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def _enforce(self, broken: list[str]) -> None:
        """Lines that no session got are everyone's concern: the daemon may have killed the plugin for one."""
        if self._strict and (broken := [*self.output.broken_lines, *broken]):
            raise DaemonRuleBroken("Dify's daemon would not accept: " + "; ".join(broken))

    def _wait_until_ready(self) -> None:
        ended_or_ready = self.output.first_heartbeat_or_end.wait(self.first_heartbeat)
        if self.output.heartbeats:
            return
        self.close()
        silent = f"gave no sign for {self.first_heartbeat:g} s"
        how = f"ended with exit code {self._process.exit_code}" if ended_or_ready else silent
        raise NotStarted(f"the plugin {how}\n{self.stderr}")


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
