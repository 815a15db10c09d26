"""Dify's arguments, form fields and results of a rerank call ↔ ours."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import AIModelEntity, FetchFrom, ModelPropertyKey, ModelType
from dify_plugin.entities.model.rerank import RerankDocument, RerankResult

from provider.core.model_info import ModelInfo
from provider.core.reranking.question import Question, ScoreMode, Wishes
from provider.core.reranking.scores import Ranked
from provider.core.reranking.way import Way
from provider.dify import settings
from provider.dify.credentials import Credentials

WAY = "detected_rerank"  # the key under which the found way is kept with the form
USUAL_CONTEXT = 512  # tokens of query and document together; what most rerank models were trained for


def to_question(query: str, docs: Sequence[str]) -> Question:
    return Question(query, tuple(docs))


def to_wishes(
    form: Mapping[str, Any],
    credentials: Credentials,
    top_n: int | None = None,
    score_threshold: float | None = None,
) -> Wishes:
    """What Dify leaves unset arrives as 0. Raises `BadSetting` that names the field."""
    return Wishes(
        scores=cast("ScoreMode", settings.choice(form, "rerank_scores", ("auto", "sigmoid", "none"))),
        by_embedding=settings.choice(form, "rerank_fallback", ("none", "embedding")) == "embedding",
        top_n=top_n if top_n and top_n > 0 else None,
        threshold=score_threshold or None,
        way=Way.loads(settings.text(form, WAY)),
        context_length=credentials.model("").context_length,
        keep_alive=credentials.keep_alive,
        extra_body=credentials.extra_body,
    )


def to_result(model: str, docs: Sequence[str], ranking: Sequence[Ranked]) -> RerankResult:
    """With the texts that Dify sent: a server's copy may be cut, or missing."""
    documents = [RerankDocument(index=each.index, text=docs[each.index], score=each.score) for each in ranking]
    return RerankResult(model=model, docs=documents)


def rerank_entity(name: str, info: ModelInfo) -> AIModelEntity:
    """What Dify shows of a rerank model."""
    context = info.context_length or info.train_context_length or USUAL_CONTEXT
    return AIModelEntity(
        model=name,
        label=I18nObject(en_US=name),
        model_type=ModelType.RERANK,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        model_properties={ModelPropertyKey.CONTEXT_SIZE: context},
        parameter_rules=[],
    )
