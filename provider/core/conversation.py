"""One question to one model: find the server, settle the model, refuse what cannot work, ask."""

from collections.abc import Generator
from dataclasses import dataclass, replace

from provider.core import errors, inspection
from provider.core.backends import Backend, open_backend
from provider.core.backends.ollama import Ollama
from provider.core.catalog import Memory
from provider.core.chat import ChatRequest, Event, Media
from provider.core.media import with_bytes
from provider.core.model_info import ModelInfo
from provider.core.server import Server
from provider.core.tokens import estimate_prompt

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


def ask(target: Target, request: ChatRequest) -> Generator[Event]:
    """Send now (a refusal is raised here), then give events as they arrive."""
    try:
        backend = settled_backend(target)
        return backend.chat(_prepared(backend, target, request))
    except errors.Unreachable as error:
        raise _explained(target.server, error) from error


def _explained(server: Server, error: errors.Unreachable) -> errors.ServerError:
    """With the cause and the remedy that a look at the network gives."""
    return _diagnoses.get((server.url, server.proxy), lambda: inspection.unreachable(server, error))


def count(target: Target, request: ChatRequest) -> int:
    """The server's own count of a prompt where it has one, else an estimate. Never fails."""
    try:
        backend = settled_backend(target)
        exact = backend.count_tokens(_prepared(backend, target, request))
    except errors.ServerError:
        exact = None
    return exact if exact is not None else estimate_prompt(request)


def settled_backend(target: Target) -> Backend:
    """Forms saved by this plugin know the kind; others are looked at once a minute."""
    if target.server.kind != "auto":
        return open_backend(target.server, target.flavour)
    key = (target.server, target.urls)
    server, found = _servers.get(key, lambda: inspection.find(target.server, target.urls))
    return open_backend(server, found.flavour)


def _prepared(backend: Backend, target: Target, request: ChatRequest) -> ChatRequest:
    model, context = target.model, request.context_length
    if model == inspection.AUTO:
        model = _picks.get((backend.http.server, "pick"), backend.pick)
        context = _kept_window(backend, model, context)
    _refuse_unsupported(model, target.info, request)
    messages = tuple(with_bytes(each) for each in request.messages) if backend.wants_bytes else request.messages
    return replace(request, model=model, messages=messages, context_length=context)


def _kept_window(backend: Backend, model: str, declared: int | None) -> int | None:
    """A model that is loaded with a longer window keeps it: asking for another would reload it."""
    if not isinstance(backend, Ollama):
        return declared
    running = _picks.get((backend.http.server, "window", model), lambda: backend.running_context(model))
    return max(declared or 0, running or 0) or None


def _refuse_unsupported(model: str, info: ModelInfo, request: ChatRequest) -> None:
    """Said before the call: servers answer these with a 500, or not at all."""
    if not request.messages:
        raise errors.Rejected("there is no message to answer")
    for media in (media for message in request.messages for media in message.media):
        if media.kind not in ("image", "audio"):
            raise errors.Rejected(
                f"{media.kind} input cannot be sent to {model}: local servers take text, images and audio"
            )
        _refuse_blind(model, info, media)
    if request.tools and info.tools is False:
        raise errors.Rejected(
            f"{model} cannot call tools; choose a model that can, or set Tools to “yes” to try it all the same"
        )


def _refuse_blind(model: str, info: ModelInfo, media: Media) -> None:
    sense, able = ("see images", info.vision) if media.kind == "image" else ("hear audio", info.audio)
    if able is False:
        raise errors.Rejected(
            f"{model} cannot {sense}; choose a model that can (its server says so), "
            f"or correct the {'Vision' if media.kind == 'image' else 'Audio'} setting of this model"
        )
