"""Order documents by how well they answer a query, whichever way the server knows to do it."""

from provider.core.reranking.question import Question, ScoreMode, Wishes
from provider.core.reranking.reranker import find_way, no_model, rerank
from provider.core.reranking.scores import Ranked
from provider.core.reranking.way import Way

__all__ = ["Question", "Ranked", "ScoreMode", "Way", "Wishes", "find_way", "no_model", "rerank"]
