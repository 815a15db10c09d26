"""Texts and pictures to vectors.

detection    whether a model makes vectors at all
asking       one call: in batches, with less when it was too much
├── sending     one request, and what its answer is worth
├── dialects    how each kind of server is asked
├── refusals    what a refusal means
├── shortening  texts that are too long
├── vectors     what a vector must be for Dify
└── learned     what is remembered of a server
"""

from provider.core.embedding.asking import embed
from provider.core.embedding.detection import detected
from provider.core.embedding.request import USUAL_BATCH, EmbeddingRequest, Embeddings, Input
from provider.core.embedding.vectors import most_in_one_answer

__all__ = [
    "USUAL_BATCH",
    "EmbeddingRequest",
    "Embeddings",
    "Input",
    "detected",
    "embed",
    "most_in_one_answer",
]
