"""Bring a question to the server that answers it: settle the server, settle the model, explain what failed."""

from collections.abc import Callable
from dataclasses import dataclass

from provider.core import errors, inspection
from provider.core.backends import Backend
from provider.core.catalog import Memory
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from provider.core.routing import router
from provider.core.routing.inventory import backend_of
from provider.core.server import Server
from provider.core.tasks import Task

_picks = Memory(seconds=15)  # what is loaded changes when people use the server
_diagnoses = Memory(seconds=30)  # many calls fail at once; one look at the network serves them all

type Ask[Result] = Callable[[Backend, str], Result]


@dataclass(frozen=True, slots=True)
class Target:
    """A model and the instances it may be on. `server` has what all of them share: key, TLS, proxy, time-outs."""

    server: Server
    instances: tuple[Instance, ...]
    model: str
    info: ModelInfo


def dispatch[Result](target: Target, task: Task, ask: Ask[Result], sticky: str = "") -> Result:
    """`ask` gets an opened server and the model's name there; what it returns is returned.

    Calls with the same `sticky` key go to the same instance while that costs nothing.

    Raises:
        ServerError: for a server that cannot be reached, with the cause and the remedy a look at the network gives.
    """
    instances, model = addressed(target.instances, target.model)
    if len(instances) == 1:
        return _ask_the_only_one(target, instances[0], task, model, ask)
    if model == inspection.AUTO:
        choices = router.ready(target.server, instances)
        return router.first_that_answers(choices, lambda backend: ask(backend, _picked(backend, task)))
    choices = router.by_load(router.among(target.server, instances, model), sticky)
    return router.first_that_answers(choices, lambda backend: ask(backend, model))


def addressed(instances: tuple[Instance, ...], model: str) -> tuple[tuple[Instance, ...], str]:
    """`instance/model` means that instance only, and an instance's name alone means what it has loaded."""
    for instance in instances:
        if len(instances) > 1 and model == instance.name:
            return (instance,), inspection.AUTO
        if model.startswith(f"{instance.name}/"):
            return (instance,), model.removeprefix(f"{instance.name}/")
    return instances, model


def window_in_use(backend: Backend, model: str) -> int | None:
    """Tokens of the loaded window, remembered for a moment."""
    return _picks.get((backend.http.server, "window", model), lambda: backend.window_in_use(model))


def _ask_the_only_one[Result](target: Target, instance: Instance, task: Task, model: str, ask: Ask[Result]) -> Result:
    try:
        backend = backend_of(target.server, instance)
        name = _picked(backend, task) if model == inspection.AUTO else model
        if not instance.limit:
            return ask(backend, name)
        choice = router.Choice(instance, backend, router.STATES.of(instance.url))
        return router.ask_one(choice, lambda opened: ask(opened, name))
    except errors.Unreachable as error:
        raise _explained(backend_server(target.server, instance), error) from error


def backend_server(template: Server, instance: Instance) -> Server:
    """The shared settings, for this instance."""
    return Server(instance.url, template.kind, template.headers, template.tls, template.proxy, template.timeouts)


def _picked(backend: Backend, task: Task) -> str:
    """`auto` is what the server has loaded for this task, else the first that can do it."""
    return _picks.get((backend.http.server, task), lambda: backend.pick(task))


def _explained(server: Server, error: errors.Unreachable) -> errors.ServerError:
    return _diagnoses.get((server.url, server.proxy), lambda: inspection.unreachable(server, error))
