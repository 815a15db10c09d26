"""Whether a model makes vectors, and of what size: from metadata or a free question, else from one short text.

A model that is known to make vectors and is not loaded is left alone: then the size stays unknown.
"""

from dataclasses import replace

from provider.core.backends import Backend
from provider.core.embedding.asking import embed
from provider.core.embedding.dialects import dialect_of
from provider.core.embedding.request import EmbeddingRequest
from provider.core.model_info import ModelInfo


def detected(backend: Backend, info: ModelInfo) -> ModelInfo:
    """The same facts, completed.

    Raises:
        Rejected: this model, or this server as it was started, makes no vectors; says what to do.
    """
    dialect = dialect_of(backend)
    if info.embedding is False or info.rerank:
        raise dialect.cannot_embed(info.name)
    info = dialect.told(info)
    if info.embedding and (info.embedding_size or not info.loaded):
        return info
    return _tried(backend, info)


def _tried(backend: Backend, info: ModelInfo) -> ModelInfo:
    found = embed(backend, EmbeddingRequest(info.name, ("hello",), context_length=info.context_length))
    return replace(info, embedding=True, embedding_size=len(found.vectors[0]))
