"""What a model is for, in Dify's words; a server that does not tell is asked something that costs nothing."""

from collections.abc import Sequence

from provider.core import embedding, reranking
from provider.core.backends import Backend
from provider.core.dispatch import Target
from provider.core.errors import ServerError
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from provider.core.reranking import Wishes
from provider.core.wire.failure import read_failure

CHAT = "llm"
BY_FACT = {"embedding": "text-embedding", "rerank": "rerank", "speech2text": "speech2text", "tts": "tts"}
NO_VECTORS = 501  # llama.cpp, started without --embeddings
REFUSED = 400


def types_of(backend: Backend, info: ModelInfo, *, is_alone: bool) -> tuple[str, ...]:
    """`is_alone`: the server has no other model, so that asking it loads nothing.

    Raises:
        ServerError: the server has stopped answering.
    """
    told = tuple(name for fact, name in BY_FACT.items() if getattr(info, fact))
    if info.completion is not None or told:
        return ((CHAT,) if info.completion else ()) + told
    if backend.kind == "llamacpp":
        return (_of_llamacpp(backend, info.name),)
    return (_tried(backend, info) if is_alone else CHAT,)


def _of_llamacpp(backend: Backend, model: str) -> str:
    """By how it refuses an empty question. A rerank server makes vectors too, but senseless ones."""
    status, _ = _refusal(backend, "/v1/embeddings", {"model": model, "input": []})
    if status == NO_VECTORS:
        return CHAT
    status, words = _refusal(backend, "/v1/rerank", {"model": model})
    if status == REFUSED and "query" in words:
        return "rerank"
    return "text-embedding"


def _refusal(backend: Backend, path: str, body: dict[str, object]) -> tuple[int, str]:
    """A router is told not to load the model for this."""
    reply = backend.http.post(f"{path}?autoload=false", body)
    return reply.status, read_failure(reply.body, reply.status).words


def _tried(backend: Backend, info: ModelInfo) -> str:
    """One word to be made a vector, three to be ranked; what does neither is for chat."""
    try:
        embedding.detected(backend, info)
    except ServerError:
        pass
    else:
        return "text-embedding"
    here = Instance(backend.url, (backend.url,), backend.kind, backend.flavour)
    try:
        reranking.find_way(Target(backend.http.server, (here,), info.name, info), Wishes())
    except ServerError:
        return CHAT
    return "rerank"


def sorted_types(types: Sequence[str]) -> list[str]:
    """Chat first, the others as Dify lists them."""
    order = [CHAT, *BY_FACT.values()]
    return sorted(types, key=order.index)
