"""One call of a rerank model, and the saving of its form."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from dify_plugin.entities.model import AIModelEntity
from dify_plugin.entities.model.rerank import RerankResult

from provider.calls.validation import refused, without_facts
from provider.core import errors, inspection, reranking
from provider.core.detected import Detected
from provider.core.dispatch import Target, addressed
from provider.core.model_info import ModelInfo
from provider.core.reranking import Wishes
from provider.dify.credentials import DETECTED, Credentials, read_credentials
from provider.dify.rerank import WAY, rerank_entity, to_question, to_result, to_wishes


def rank(  # noqa: PLR0913, PLR0917 - what Dify sends with a call
    model: str,
    form: Mapping[str, Any],
    query: str,
    docs: Sequence[str],
    score_threshold: float | None,
    top_n: int | None,
) -> RerankResult:
    """Raises a `ServerError` with the cause and the remedy."""
    credentials = read_credentials(form)
    wishes = to_wishes(form, credentials, top_n, score_threshold)
    ranking = reranking.rerank(_target(model, credentials), to_question(query, docs), wishes)
    return to_result(model, docs, ranking)


def validate(model: str, form: MutableMapping[str, Any]) -> None:
    """The server has the model, and it ranks three tiny texts; how it does that is kept with the form.

    Raises:
        CredentialsValidateFailedError: with the cause and the remedy.
    """
    with refused():
        asked = read_credentials(without_facts(form))
        wishes = to_wishes({key: value for key, value in form.items() if key != WAY}, asked)
        form[DETECTED] = _inspected(model, asked, wishes).dumps()
        form[WAY] = reranking.find_way(_target(model, read_credentials(form)), wishes).dumps()


def schema(model: str, form: Mapping[str, Any]) -> AIModelEntity:
    """Must not fail: a model whose schema fails disappears from Dify's lists without a word."""
    try:
        info = read_credentials(form).model(model)
    except errors.ServerError:
        info = ModelInfo(model, "openai")
    return rerank_entity(model, info)


def _inspected(model: str, asked: Credentials, wishes: Wishes) -> Detected:
    instances, name = addressed(asked.instances, asked.model_name or model)
    task = "embedding" if wishes.by_embedding else "rerank"
    try:
        return inspection.inspect_model(asked.server, instances, asked.asked, name, task)
    except errors.ModelMissing as error:
        raise reranking.no_model(_target(model, asked), error) from error


def _target(model: str, credentials: Credentials) -> Target:
    name = credentials.model_name or model
    return Target(credentials.server, credentials.instances, name, credentials.model(name))
