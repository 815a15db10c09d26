"""One server: who answers there and which models it has, or why nobody does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from provider.core import errors
from provider.core.address import PORTS, host_and_port, is_this_machine
from provider.core.backends import Backend, label_of, open_backend
from provider.core.backends.openai import OpenAICompatible
from provider.core.inspection import find
from provider.core.instances import Instance, parse
from provider.core.model_info import ModelInfo
from provider.core.parallel import in_parallel
from provider.core.server import Kind, Server
from scripts.kit.settings import Settings
from scripts.models.extras import Extra, extras_of
from scripts.models.reaching import why_silent
from scripts.ollama_service.config import as_ollama_reads

MANY = 32  # models: from here on the list must do, where asking for one means fetching the whole list again


@dataclass(frozen=True, slots=True)
class Model:
    info: ModelInfo
    extra: Extra


@dataclass(frozen=True, slots=True)
class Look:
    """One server with its models, or with the error and what to do about it."""

    instance: Instance
    label: str = ""
    models: tuple[Model, ...] = ()
    error: str = ""
    fix: str = ""
    is_there: bool = True  # something that might be a model server answers, or should


def instances_of(servers: Sequence[str], settings: Settings) -> tuple[Instance, ...]:
    """Those that were named: as arguments, else in the settings.

    Raises:
        BadSetting: what was named can be no server.
    """
    if servers or settings.ollama_base_url:
        return parse(", ".join(servers) or settings.ollama_base_url)
    by_ollamas_rules = parse(as_ollama_reads(settings.ollama_host), "ollama") if settings.ollama_host else ()
    return tuple(replace(each, kind="auto") for each in by_ollamas_rules)  # another program may listen there


def usual_instances(named: Sequence[Instance], ports: Sequence[int] = PORTS["auto"]) -> tuple[Instance, ...]:
    """The ports where model servers listen on this machine, without those that were named."""
    taken = {host_and_port(url)[1] for each in named for url in each.urls if is_this_machine(url)}
    return tuple(Instance(f"127.0.0.1:{port}", (f"http://127.0.0.1:{port}",)) for port in ports if port not in taken)


def look_at(instances: Sequence[Instance], headers: tuple[tuple[str, str], ...] = ()) -> list[Look]:
    """All at once, in their order."""
    return in_parallel([lambda each=each: _look(each, headers) for each in instances])


def _look(instance: Instance, headers: tuple[tuple[str, str], ...]) -> Look:
    server = Server(instance.url, cast("Kind", instance.kind), headers)
    try:
        server, found = find(server, instance.urls)
        backend = open_backend(server, found.flavour)
        backend.waits = False
        label = f"{label_of(server.kind, found.flavour)} {found.version}".strip()
        facts = {"url": server.url, "kind": server.kind, "flavour": found.flavour, "version": found.version}
        return Look(instance.found(facts), label, tuple(_models(backend)))
    except (errors.Unreachable, errors.TimedOut) as error:
        seen = why_silent(server.url, server.kind, error)
        return Look(instance, error=seen.cause, fix=seen.remedy, is_there=False)
    except errors.BadSetting as error:
        return Look(instance, error=str(error), is_there=False)
    except errors.ServerError as error:
        return Look(instance, error=str(error))


def _models(backend: Backend) -> list[Model]:
    extras = extras_of(backend)
    return [Model(info, extras.get(info.name, Extra())) for info in sorted(_infos(backend), key=lambda info: info.name)]


def _infos(backend: Backend) -> list[ModelInfo]:
    names = backend.names()
    if len(names) > MANY and isinstance(backend, OpenAICompatible):
        return backend.models()
    return in_parallel([lambda name=name: _described(backend, name) for name in names]) if names else []


def _described(backend: Backend, name: str) -> ModelInfo:
    """Of a model that was removed just now, or whose files are damaged, only the name is known."""
    try:
        return backend.describe(name)
    except (errors.Unreachable, errors.TimedOut):
        raise
    except errors.ServerError:
        return ModelInfo(name, backend.kind, backend.flavour)
