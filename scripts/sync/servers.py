"""Which models the servers have. Described once: what is known of a model is kept until it goes or all is forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from provider.core import errors
from provider.core.backends import Backend, label_of, open_backend
from provider.core.inspection import find
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from provider.core.parallel import in_parallel
from provider.core.server import Kind, Server
from scripts.models.reaching import why_silent
from scripts.sync.kinds import types_of

type Headers = tuple[tuple[str, str], ...]

NOBODY = (errors.Unreachable, errors.TimedOut)


@dataclass(frozen=True, slots=True)
class Able:
    """A model and what it is for; `error` when the server has it and cannot say a word about it."""

    info: ModelInfo
    types: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One server as it was found. `url` is what to write into Dify's form, as seen from here."""

    instance: Instance
    url: str = ""
    label: str = ""
    models: tuple[Able, ...] = ()
    error: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class _Door:
    """A server that was found once."""

    backend: Backend
    url: str
    label: str


class Shelf:
    """All servers. `usual` ones are only there when they answer; nobody said that they must."""

    def __init__(self, named: Sequence[Instance], usual: Sequence[Instance], headers: Headers) -> None:
        self._named = named
        self._usual = list(usual)
        self._headers = headers
        self._doors: dict[str, _Door] = {}
        self._known: dict[str, dict[str, Able]] = {}  # each server's thread has its own
        self._silent: dict[str, Found] = {}

    @property
    def names(self) -> list[str]:
        return [each.name for each in (*self._named, *self._usual)]

    def forget(self) -> None:
        """Look at everything anew the next time."""
        self._doors.clear()
        self._known.clear()
        self._silent.clear()

    def look(self) -> list[Found]:
        """All servers at once."""
        jobs = [lambda each=each: self._look(each, is_named=True) for each in self._named]
        jobs += [lambda each=each: self._look(each, is_named=False) for each in self._usual]
        return [found for found in in_parallel(jobs) if found] if jobs else []

    def _look(self, instance: Instance, *, is_named: bool) -> Found | None:
        try:
            door = self._doors.get(instance.name) or self._opened(instance)
            found = Found(instance, door.url, door.label, tuple(self._models(instance.name, door.backend)))
        except errors.ServerError as error:
            self._doors.pop(instance.name, None)
            return self._explained(instance, error) if is_named else self._unnamed(instance, error)
        self._silent.pop(instance.name, None)
        return found

    def _opened(self, instance: Instance) -> _Door:
        server = Server(instance.url, cast("Kind", instance.kind), self._headers)
        server, found = find(server, instance.urls)
        backend = open_backend(server, found.flavour)
        backend.waits = False
        label = f"{label_of(server.kind, found.flavour)} {found.version}".strip()
        # The path below which a program has its routes is found by the plugin as well.
        door = _Door(backend, server.url.removesuffix(found.prefix), label)
        self._doors[instance.name] = door
        return door

    def _unnamed(self, instance: Instance, error: errors.ServerError) -> Found | None:
        """Another program at a usual port is not asked every few seconds; a closed one may open."""
        if isinstance(error, errors.BadSetting):
            self._usual.remove(instance)
            return None
        return None if isinstance(error, NOBODY) else self._explained(instance, error)

    def _explained(self, instance: Instance, error: errors.ServerError) -> Found:
        """Why nobody answers is worth one look at the network."""
        if not isinstance(error, NOBODY):
            return Found(instance, error=str(error))
        if instance.name not in self._silent:
            seen = why_silent(instance.url, instance.kind, error)
            self._silent[instance.name] = Found(instance, error=seen.cause, fix=seen.remedy)
        return self._silent[instance.name]

    def _models(self, server: str, backend: Backend) -> list[Able]:
        names = backend.names()
        before = self._known.get(server, {})
        jobs: list[Callable[[], Able]] = [
            lambda name=name: before.get(name) or _able(backend, name, is_alone=len(names) == 1) for name in names
        ]
        found = in_parallel(jobs) if jobs else []
        self._known[server] = {able.info.name: able for able in found if not able.error}
        return found


def _able(backend: Backend, name: str, *, is_alone: bool) -> Able:
    try:
        info = replace(backend.describe(name), name=name)
        return Able(info, types_of(backend, info, is_alone=is_alone))
    except (*NOBODY, errors.Loading):
        raise
    except errors.ServerError as error:
        return Able(ModelInfo(name, backend.kind, backend.flavour), error=str(error))
