"""One question to one language model: refuse what cannot work, then ask."""

from collections.abc import Generator
from dataclasses import replace

from provider.core import errors
from provider.core.backends import Backend
from provider.core.chat import ChatRequest, Event, Media
from provider.core.dispatch import Target, dispatch, window_in_use
from provider.core.inspection import AUTO
from provider.core.media import with_bytes
from provider.core.model_info import ModelInfo
from provider.core.tokens import estimate_prompt

PREFIX = 2000  # characters of each of the first two messages


def ask(target: Target, request: ChatRequest) -> Generator[Event]:
    """Send now (a refusal is raised here), then give events as they arrive."""
    return dispatch(
        target,
        "chat",
        lambda backend, model: backend.chat(_prepared(backend, target, model, request)),
        _sticky(request) if len(target.instances) > 1 else "",
    )


def _sticky(request: ChatRequest) -> str:
    """A conversation keeps its first words, and a server keeps what it computed for them."""
    return "\n".join(message.text[:PREFIX] for message in request.messages[:2])


def count(target: Target, request: ChatRequest) -> int:
    """The server's own count of a prompt where it has one, else an estimate. Never fails."""
    try:
        exact = dispatch(
            target, "chat", lambda backend, model: backend.count_tokens(_prepared(backend, target, model, request))
        )
    except errors.ServerError:
        exact = None
    return exact if exact is not None else estimate_prompt(request)


def _prepared(backend: Backend, target: Target, model: str, request: ChatRequest) -> ChatRequest:
    context = request.context_length
    if target.model == AUTO:
        context = _kept_window(backend, model, context)
    _refuse_unsupported(model, target.info, request)
    messages = tuple(with_bytes(each, every_kind=backend.wants_bytes) for each in request.messages)
    return replace(request, model=model, messages=messages, context_length=context)


def _kept_window(backend: Backend, model: str, declared: int | None) -> int | None:
    """A model that is loaded with a longer window keeps it: asking for another would reload it."""
    return max(declared or 0, window_in_use(backend, model) or 0) or None


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
            f"{model} cannot call tools; choose a model that can, or set “Tool calls” to Yes to try it all the same"
        )


def _refuse_blind(model: str, info: ModelInfo, media: Media) -> None:
    sense, able = ("see images", info.vision) if media.kind == "image" else ("hear audio", info.audio)
    if able is False:
        raise errors.Rejected(
            f"{model} cannot {sense}; choose a model that can (its server says so), "
            f"or correct “{'Sees images' if media.kind == 'image' else 'Hears audio'}” in the model's settings"
        )
