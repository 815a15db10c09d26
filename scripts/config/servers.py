"""What the servers really have: who answers, which models, what each is for, and which one is meant."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from provider.core import errors
from provider.core.backends import Backend, label_of, open_backend
from provider.core.fingerprint import Fingerprint
from provider.core.inspection import find
from provider.core.instances import Instance
from provider.core.parallel import in_parallel
from provider.core.remedies import listing
from provider.core.server import Kind, Server
from scripts.config.world import Model, ModelServer
from scripts.kit.command import Stop
from scripts.kit.settings import Settings
from scripts.models.look import instances_of, usual_instances
from scripts.models.reaching import key_headers, why_silent
from scripts.sync.kinds import CHAT, types_of

SILENT = (errors.Unreachable, errors.TimedOut)


def found_servers(typed: str, settings: Settings) -> tuple[ModelServer, ...]:
    """Those that were named, all of which must answer; else those at the usual ports of this machine that do.

    Raises:
        Stop: one is silent, with the cause and the remedy, or there is none.
        ServerError: one refuses to tell what it has.
    """
    return tuple(_read(backend, found) for backend, found in opened(typed, settings))


def opened(typed: str, settings: Settings) -> list[tuple[Backend, Fingerprint]]:
    """The same servers, ready to be asked."""
    named, headers = instances_of([typed] if typed else [], settings), key_headers(settings)
    jobs = [lambda each=each: _open(each, headers) for each in named or usual_instances(())]
    answers = in_parallel(jobs)
    there = [each for each in answers if isinstance(each, tuple)]
    silent = [each for each in answers if isinstance(each, Stop)]
    if named and silent:
        raise silent[0]
    if not there:
        raise Stop(
            "no model server answers at the usual ports of this machine",
            "Start one (ollama serve), or say where it is: --server http://HOST:PORT",
        )
    return there


def choose(
    servers: Sequence[ModelServer], wanted: str, settings: Settings
) -> tuple[tuple[ModelServer, Model] | None, tuple[ModelServer, ...]]:
    """The chat model for programs that take one, and the servers, with this model alone if it was named.

    Raises:
        Stop: no server has the model that was named.
    """
    pairs = [(server, model) for server in servers for model in server.models]
    if wanted:
        named = [pair for pair in pairs if pair[1].name == wanted]
        if not named:
            names = sorted({model.name for _, model in pairs})
            raise Stop(f"no server has a model “{wanted}”", listing(names))
        only = tuple(replace(server, models=(model,)) for server, model in named)
        return next(((server, model) for server, model in named if CHAT in model.types), None), only
    chats = [pair for pair in pairs if CHAT in pair[1].types]
    usual = [pair for pair in chats if pair[1].name == settings.ollama_default_model]
    loaded = [pair for pair in chats if pair[1].info.loaded]
    return next(iter((*usual, *loaded, *chats)), None), tuple(servers)


def _open(instance: Instance, headers: tuple[tuple[str, str], ...]) -> tuple[Backend, Fingerprint] | Stop:
    server = Server(instance.url, cast("Kind", instance.kind), headers)
    try:
        server, found = find(server, instance.urls)
    except SILENT as error:
        seen = why_silent(instance.url, instance.kind, error)
        return Stop(seen.cause, seen.remedy)
    except errors.ServerError as error:
        return Stop(str(error))
    backend = open_backend(server, found.flavour)
    backend.waits = False
    return backend, found


def _read(backend: Backend, found: Fingerprint) -> ModelServer:
    names = backend.names()
    models = in_parallel([lambda name=name: _described(backend, name, is_alone=len(names) == 1) for name in names])
    label = f"{label_of(backend.kind, backend.flavour)} {found.version}".strip()
    usable = tuple(model for model in models if isinstance(model, Model))
    return ModelServer(
        backend.url, backend.kind, label, usable, tuple(model for model in models if isinstance(model, str))
    )


def _described(backend: Backend, name: str, *, is_alone: bool) -> Model | str:
    """Or why not: one may have been removed just now, or its files may be damaged."""
    try:
        info = backend.describe(name)
        types = types_of(backend, info, is_alone=is_alone)
    except SILENT:
        raise
    except errors.ServerError as error:
        return f"{name}: {error}"
    return Model(info, types) if types else f"{name}: the server says that it neither chats nor embeds nor ranks"
