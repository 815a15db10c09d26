"""Dify's embedding calls ↔ ours: the form's fields, prefixes, pictures, the schema, the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    EmbeddingInputType,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
)
from dify_plugin.entities.model.text_embedding import (
    EmbeddingUsage,
    MultiModalContent,
    MultiModalContentType,
    MultiModalEmbeddingResult,
    TextEmbeddingResult,
)

from provider.core.chat import Media
from provider.core.embedding.request import USUAL_BATCH, Embeddings, Input
from provider.core.embedding.vectors import most_in_one_answer
from provider.core.errors import BadSetting
from provider.core.model_info import ModelInfo
from provider.dify import settings

USUAL_CONTEXT = 512  # tokens; the smallest of the usual embedding models'
ZERO = Decimal("0.0")
LONGEST_NUMBER = 12  # digits
MIME_TYPES = {"iVBOR": "image/png", "/9j/": "image/jpeg", "R0lG": "image/gif", "UklG": "image/webp"}


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """The fields of the form that only embedding models have."""

    batch: int = USUAL_BATCH
    dimensions: int | None = None
    query_prefix: str = ""
    document_prefix: str = ""

    def prefix(self, input_type: EmbeddingInputType) -> str:
        return self.query_prefix if input_type == EmbeddingInputType.QUERY else self.document_prefix


def read_settings(form: Mapping[str, Any]) -> EmbeddingSettings:
    """Raises `BadSetting` that names the field."""
    return EmbeddingSettings(
        _number(form, "batch_size", "texts, such as 32") or USUAL_BATCH,
        _number(form, "dimensions", "dimensions, such as 512"),
        _prefix(form, "query_prefix"),
        _prefix(form, "document_prefix"),
    )


def prefixed(texts: Sequence[str], prefix: str) -> tuple[Input, ...]:
    """A text of nothing but blanks stays without: it has nothing that could be found."""
    return tuple(prefix + text if text.strip() else text for text in texts)


def from_documents(documents: Sequence[MultiModalContent], prefix: str) -> tuple[Input, ...]:
    """Dify sends a picture as plain base64, without saying of what kind."""
    return tuple(_from_document(document, prefix) for document in documents)


def embedding_entity(name: str, info: ModelInfo, chosen: EmbeddingSettings) -> AIModelEntity:
    """What Dify may offer; MAX_CHUNKS decides how many texts it sends in one call."""
    return AIModelEntity(
        model=name,
        label=I18nObject(en_US=name),
        model_type=ModelType.TEXT_EMBEDDING,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        features=[ModelFeature.VISION] if info.vision else [],
        model_properties={
            ModelPropertyKey.CONTEXT_SIZE: info.context_length or info.train_context_length or USUAL_CONTEXT,
            ModelPropertyKey.MAX_CHUNKS: max_chunks(info, chosen),
        },
        parameter_rules=[],
    )


def max_chunks(info: ModelInfo, chosen: EmbeddingSettings) -> int:
    """Never so many that their vectors would not fit into one line of the plugin's output."""
    size = chosen.dimensions or info.embedding_size
    return min(chosen.batch, most_in_one_answer(size)) if size else min(chosen.batch, USUAL_BATCH)


def to_result(model: str, found: Embeddings, latency: float) -> TextEmbeddingResult:
    return TextEmbeddingResult(model=model, embeddings=found.vectors, usage=_usage(found.tokens, latency))


def to_multimodal_result(model: str, found: Embeddings, latency: float) -> MultiModalEmbeddingResult:
    return MultiModalEmbeddingResult(model=model, embeddings=found.vectors, usage=_usage(found.tokens, latency))


def _usage(tokens: int, latency: float) -> EmbeddingUsage:
    """A model on one's own machine has no price; the Go side wants every field."""
    return EmbeddingUsage(
        tokens=tokens,
        total_tokens=tokens,
        unit_price=ZERO,
        price_unit=ZERO,
        total_price=ZERO,
        currency="USD",
        latency=latency,
    )


def _from_document(document: MultiModalContent, prefix: str) -> Input:
    if document.content_type != MultiModalContentType.IMAGE:
        return prefixed([document.content], prefix)[0]
    head, comma, body = document.content.partition(",")
    base64 = body if comma and head.startswith("data:") else document.content
    mime_type = next((name for start, name in MIME_TYPES.items() if base64.startswith(start)), "image/png")
    return Media("image", mime_type, base64)


def _number(form: Mapping[str, Any], name: str, example: str) -> int | None:
    given = settings.text(form, name)
    if given and not (given.isdecimal() and len(given) <= LONGEST_NUMBER and int(given)):
        raise BadSetting(f"{name} must be a whole number of {example}, not “{given}”")
    return int(given) if given else None


def _prefix(form: Mapping[str, Any], name: str) -> str:
    r"""As typed, with its blank at the end; a one-line field cannot hold a line break, so `\n` stands for one."""
    return str(form.get(name) or "").replace("\\n", "\n")
