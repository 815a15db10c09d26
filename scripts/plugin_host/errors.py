"""What can go wrong between the host and a plugin.

HostError
├── NotStarted        there was no heartbeat
├── PluginGone        the process ended
├── TookTooLong       the answer was not complete in time
├── NoReply           the call ended without an answer, as it does when the plugin does not know the action
├── PluginError       the plugin answered with an error
└── DaemonRuleBroken  Dify's daemon would not have accepted what the plugin wrote
"""

from collections.abc import Mapping
from typing import Any


class HostError(Exception): ...


class NotStarted(HostError): ...


class PluginGone(HostError): ...


class TookTooLong(HostError): ...


class NoReply(HostError): ...


class DaemonRuleBroken(HostError): ...


class PluginError(HostError):
    """`error_type` is the class name by which Dify tells errors apart; `details` may hold the traceback."""

    def __init__(self, error_type: str, message: str, args: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{error_type}: {message}")
        self.error_type = error_type
        self.message = message
        self.details = dict(args or {})
