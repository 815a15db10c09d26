"""Real servers on the loopback interface that behave as model servers do, well or badly."""

from tests.servers.exchange import End, Forever, Request, Response
from tests.servers.replay import Delivery, ReplayServer
from tests.servers.scripted import KeepAlive, ScriptedServer, by_path, in_turn

__all__ = [
    "Delivery",
    "End",
    "Forever",
    "KeepAlive",
    "ReplayServer",
    "Request",
    "Response",
    "ScriptedServer",
    "by_path",
    "in_turn",
]
