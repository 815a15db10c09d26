"""Bring a question to the server that answers it: settle the server, settle the model, explain what failed."""

from collections.abc import Callable
from dataclasses import dataclass

from provider.core import errors, inspection
from provider.core.backends import Backend, open_backend
from provider.core.catalog import Memory
from provider.core.model_info import ModelInfo
from provider.core.server import Server
from provider.core.tasks import Task

_servers = Memory()
_picks = Memory(seconds=15)  # what is loaded changes when people use the server
_diagnoses = Memory(seconds=30)  # many calls fail at once; one look at the network serves them all


@dataclass(frozen=True, slots=True)
class Target:
    """A server and a model on it; `kind` “auto” and model “auto” are settled when the question is asked."""

    server: Server
    urls: tuple[str, ...]
    model: str
    info: ModelInfo
    flavour: str = ""


def dispatch[Result](target: Target, task: Task, ask: Callable[[Backend, str], Result]) -> Result:
    """`ask` gets the settled server and the model's name there; what it returns is returned.

    Raises:
        ServerError: for a server that cannot be reached, with the cause and the remedy a look at the network gives.
    """
    try:
        backend = settled_backend(target)
        return ask(backend, settled_model(backend, target, task))
    except errors.Unreachable as error:
        raise _explained(target.server, error) from error


def settled_backend(target: Target) -> Backend:
    """Forms saved by this plugin know the kind; others are looked at once a minute."""
    if target.server.kind != "auto":
        return open_backend(target.server, target.flavour)
    key = (target.server, target.urls)
    server, found = _servers.get(key, lambda: inspection.find(target.server, target.urls))
    return open_backend(server, found.flavour)


def settled_model(backend: Backend, target: Target, task: Task) -> str:
    """`auto` is what the server has loaded for this task, else the first that can do it."""
    if target.model != inspection.AUTO:
        return target.model
    return _picks.get((backend.http.server, task), lambda: backend.pick(task))


def window_in_use(backend: Backend, model: str) -> int | None:
    """Tokens of the loaded window, remembered for a moment."""
    return _picks.get((backend.http.server, "window", model), lambda: backend.window_in_use(model))


def _explained(server: Server, error: errors.Unreachable) -> errors.ServerError:
    return _diagnoses.get((server.url, server.proxy), lambda: inspection.unreachable(server, error))
