"""What is to be embedded, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provider.core.chat import Media
from provider.core.wire.embeddings import Vector

type Input = str | Media

USUAL_BATCH = 32  # texts in one request


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Texts and pictures for one model, each to become one vector. `None` and empty mean: the server decides."""

    model: str
    inputs: tuple[Input, ...]
    dimensions: int | None = None  # numbers in a vector
    context_length: int | None = None  # tokens; what was declared to Dify
    batch: int = USUAL_BATCH
    keep_alive: str = ""
    extra_body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector for each input, in their order. `tokens` are the server's count where it counts."""

    vectors: list[Vector]
    tokens: int
