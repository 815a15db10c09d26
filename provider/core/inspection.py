"""Find out everything about a server and a model from metadata: nothing is loaded, nothing generated."""

from dataclasses import replace

from provider.core import errors
from provider.core.backends import BACKENDS, Backend, open_backend
from provider.core.detected import Detected
from provider.core.fingerprint import Fingerprint, resolve
from provider.core.reachability import diagnose
from provider.core.server import Server
from provider.core.tasks import Task

AUTO = "auto"  # the model that is loaded, else the first that chats


def inspect_server(server: Server, urls: tuple[str, ...], asked: str) -> Detected:
    """Which server answers, and that it lists its models.

    Raises:
        ServerError: with the cause and one remedy; for a server that cannot be reached also what answered instead.
    """
    found_server, found = find(server, urls)
    with_key = open_backend(found_server, found.flavour)
    with_key.names()
    return Detected(asked, found_server.url, found_server.kind, found.flavour, found.version)


def inspect_model(server: Server, urls: tuple[str, ...], asked: str, model: str, task: Task = "chat") -> Detected:
    """The same, and what the model can do. A wrong name is answered with the names that exist."""
    found_server, found = find(server, urls)
    backend = open_backend(found_server, found.flavour)
    info = backend.describe(backend.pick(task) if model == AUTO else model)
    return Detected(asked, found_server.url, found_server.kind, info.flavour or found.flavour, found.version, info)


def find(server: Server, urls: tuple[str, ...]) -> tuple[Server, Fingerprint]:
    """The server behind the first of these addresses that is one, with its kind settled."""
    try:
        found_server, found = resolve(server, urls)
    except (errors.Unreachable, errors.TimedOut) as error:
        raise unreachable(replace(server, url=urls[0]), error) from error
    return _as_asked(server, found_server, found), found


def unreachable(server: Server, error: errors.ServerError) -> errors.ServerError:
    """The same error, with the cause and the remedy that a look at the network gives."""
    diagnosis = diagnose(server.url, server.kind, proxy=server.proxy, tls=server.tls)
    return type(error)(diagnosis.message)


def _as_asked(server: Server, found_server: Server, found: Fingerprint) -> Server:
    """A kind chosen by hand holds; a wrong one is told, because its routes would not be there."""
    if server.kind in (AUTO, found.kind):
        return found_server
    chosen = replace(found_server, kind=server.kind)
    if server.kind == "openai":
        return chosen
    raise errors.BadSetting(
        f"{found_server.url} is {_label(found)}, not {BACKENDS[server.kind].label}. "
        f"Set the server kind to {found.kind} or auto, or correct the base URL."
    )


def _label(found: Fingerprint) -> str:
    program = found.flavour or BACKENDS[found.kind].label
    return f"{program} {found.version}".strip()


__all__ = ["AUTO", "Backend", "find", "inspect_model", "inspect_server", "unreachable"]
