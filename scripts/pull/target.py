"""Which Ollama is asked to pull: the one that was named, or the one that there is."""

from collections.abc import Sequence

from provider.core import errors
from provider.core.backends import label_of
from provider.core.fingerprint import resolve
from provider.core.instances import Instance, parse
from provider.core.parallel import in_parallel
from provider.core.server import Server
from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.settings import Settings
from scripts.models.reaching import key_headers, why_silent
from scripts.ollama_service.config import address

KIND = "ollama"


def find_ollama(named: str, settings: Settings) -> str:
    """Its root URL.

    Raises:
        Stop: nobody answers, what answers is no Ollama, or there are several.
    """
    instances = _instances(named, settings)
    headers = key_headers(settings)
    looks = in_parallel([lambda each=each: _look(each, headers) for each in instances])
    found = [look for look in looks if isinstance(look, str)]
    if len(found) > 1 and len(instances) > 1:
        raise Stop("there are several Ollamas", f"Say which: --server {found[0]}", exits.USAGE, servers=found)
    return found[0] if found else _none([look for look in looks if isinstance(look, Stop)])


def _instances(named: str, settings: Settings) -> tuple[Instance, ...]:
    if named or settings.ollama_base_url:
        return parse(named or settings.ollama_base_url, KIND)
    url = address("", {"OLLAMA_HOST": settings.ollama_host})
    return (Instance(url.partition("://")[2], (url,), KIND),)


def _look(instance: Instance, headers: tuple[tuple[str, str], ...]) -> str | Stop:
    try:
        server, found = resolve(Server(instance.url, headers=headers), instance.urls)
    except (errors.Unreachable, errors.TimedOut) as error:
        seen = why_silent(instance.url, KIND, error)
        return Stop(seen.cause, seen.remedy)
    except errors.ServerError as error:
        return Stop(str(error))
    if found.kind != KIND:
        label = label_of(found.kind, found.flavour)
        return Stop(f"{server.url} is {label}: only Ollama pulls models", "Name an Ollama: --server HOST:11434")
    return server.url


def _none(stops: Sequence[Stop]) -> str:
    if len(stops) == 1:
        raise stops[0]
    raise Stop("; ".join(stop.reason for stop in stops), stops[0].fix)
