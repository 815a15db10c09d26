"""Runs the plugin as Dify's daemon does: a process of its own, one JSON object per line in both directions."""

from scripts.plugin_host.errors import (
    DaemonRuleBroken,
    HostError,
    NoReply,
    NotStarted,
    PluginError,
    PluginGone,
    TookTooLong,
)
from scripts.plugin_host.host import PluginHost

__all__ = [
    "DaemonRuleBroken",
    "HostError",
    "NoReply",
    "NotStarted",
    "PluginError",
    "PluginGone",
    "PluginHost",
    "TookTooLong",
]
