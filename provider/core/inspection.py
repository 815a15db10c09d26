"""Find out everything about servers and a model from metadata: nothing is loaded, nothing generated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provider.core import errors
from provider.core.backends import BACKENDS, Backend, label_of, open_backend
from provider.core.detected import Detected
from provider.core.fingerprint import Fingerprint, resolve
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from provider.core.parallel import in_parallel
from provider.core.reachability import diagnose
from provider.core.server import Server
from provider.core.tasks import Task

AUTO = "auto"  # the model that is loaded, else the first that can do the task


@dataclass(frozen=True, slots=True)
class Look:
    """One instance as it was found, or why it was not."""

    instance: Instance
    backend: Backend | None = None
    error: errors.ServerError | None = None


def inspect_servers(template: Server, instances: Sequence[Instance], asked: str) -> Detected:
    """Which servers answer, and that they list their models. Of several one may be down, but none may be a mistake.

    Raises:
        ServerError: with the cause and one remedy; for a server that cannot be reached also what answered instead.
    """
    looks = _look_at_all(template, instances)
    for look in looks:
        if look.backend:
            look.backend.names()  # a key may open the door and not the list
    return _detected(asked, next(look for look in looks if look.backend), looks)


def inspect_model(
    template: Server, instances: Sequence[Instance], asked: str, model: str, task: Task = "chat"
) -> Detected:
    """The same, and what the model can do. A wrong name is answered with the names that exist.

    Where several instances have the model, only what all of them can do is kept.
    """
    looks = _look_at_all(template, instances)
    described: list[tuple[Look, ModelInfo]] = []
    missing: list[errors.ServerError] = []
    for look in looks:
        try:
            if look.backend:
                described.append((look, _described(look.backend, model, task)))
        except errors.ModelMissing as error:
            missing.append(error)
    if not described:
        raise _missing_everywhere(missing)
    return replace(_detected(asked, described[0][0], looks), model=common([info for _, info in described]))


def common(infos: Sequence[ModelInfo]) -> ModelInfo:
    """What can be promised of a model that several servers have: the least of each."""
    first = infos[0]
    if len(infos) == 1:
        return first
    able = ("tools", "parallel_tools", "vision", "audio", "thinking", "structured_output")
    least = {name: _all(getattr(info, name) for info in infos) for name in able}
    lengths = [info.context_length for info in infos if info.context_length]
    return replace(first, context_length=min(lengths, default=None), **least)


def find(server: Server, urls: tuple[str, ...]) -> tuple[Server, Fingerprint]:
    """The server behind the first of these addresses that is one, with its kind settled."""
    found_server, found = resolve(server, urls)
    return _as_asked(server, found_server, found), found


def unreachable(server: Server, error: errors.ServerError) -> errors.ServerError:
    """The same error, with the cause and the remedy that a look at the network gives."""
    diagnosis = diagnose(server.url, server.kind, proxy=server.proxy, tls=server.tls)
    return type(error)(diagnosis.message)


def _look_at_all(template: Server, instances: Sequence[Instance]) -> list[Look]:
    looks = in_parallel([lambda each=each: _look(template, each) for each in instances])
    mistaken = next((look.error for look in looks if look.error and not _may_be_down(look.error)), None)
    if mistaken:
        raise mistaken
    if all(look.error for look in looks):
        raise _all_down(template, looks)
    return looks


def _look(template: Server, instance: Instance) -> Look:
    try:
        found_server, found = find(replace(template, url=instance.url), instance.urls)
        backend = open_backend(found_server, found.flavour)
    except errors.ServerError as error:
        return Look(instance, error=error)
    facts = {"url": found_server.url, "kind": found_server.kind, "flavour": found.flavour, "version": found.version}
    return Look(instance.found(facts), backend)


def _described(backend: Backend, model: str, task: Task) -> ModelInfo:
    return backend.describe(backend.pick(task) if model == AUTO else model)


def _detected(asked: str, look: Look, looks: Sequence[Look]) -> Detected:
    here = look.instance
    facts = tuple(each.instance.facts() for each in looks if each.backend)
    return Detected(asked, here.url, here.kind, here.flavour, here.version, instances=facts)


def _may_be_down(error: errors.ServerError) -> bool:
    return isinstance(error, errors.Unreachable | errors.TimedOut | errors.Loading | errors.Failed)


def _all_down(template: Server, looks: Sequence[Look]) -> errors.ServerError:
    """One server is diagnosed; of several each says its own."""
    error = looks[0].error
    assert error is not None  # noqa: S101 - all of them are down
    if len(looks) == 1:
        reachable = isinstance(error, errors.Loading | errors.Failed)
        return error if reachable else unreachable(replace(template, url=looks[0].instance.url), error)
    said = "; ".join(f"{look.instance.name}: {look.error}" for look in looks)
    return type(error)(f"None of the {len(looks)} servers answers. {said}")


def _missing_everywhere(missing: Sequence[errors.ServerError]) -> errors.ServerError:
    return errors.ModelMissing(" ".join(dict.fromkeys(str(error) for error in missing)))


def _as_asked(server: Server, found_server: Server, found: Fingerprint) -> Server:
    """A kind chosen by hand holds; a wrong one is told, because its routes would not be there."""
    if server.kind in (AUTO, found.kind):
        return found_server
    chosen = replace(found_server, kind=server.kind)
    if server.kind == "openai":
        return chosen
    raise errors.BadSetting(
        f"{found_server.url} is {_label(found)}, not {BACKENDS[server.kind].label}. "
        f"Set “Kind of server” to {BACKENDS[found.kind].label} or Detect, or correct the server address."
    )


def _label(found: Fingerprint) -> str:
    return f"{label_of(found.kind, found.flavour)} {found.version}".strip()


def _all(values: object) -> bool | None:
    """No, as soon as one says no; unknown, as soon as one does not know."""
    known = list(values)  # ty: ignore[invalid-argument-type]
    if False in known:
        return False
    return None if None in known else True
