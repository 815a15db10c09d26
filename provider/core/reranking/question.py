"""A question to a rerank model, and how its answer is wished."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from provider.core.reranking.way import Way

type ScoreMode = Literal["auto", "sigmoid", "none"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, and the texts to be ordered by it."""

    query: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """`top_n` and `threshold` are `None` for all documents."""

    scores: ScoreMode = "auto"
    by_embedding: bool = False  # compare embeddings when the server cannot rerank
    top_n: int | None = None
    threshold: float | None = None
    way: Way | None = None  # what was found when the credentials were saved
    context_length: int | None = None  # tokens; what was declared to Dify
    keep_alive: str = ""
    extra_body: Mapping[str, Any] = field(default_factory=dict)
