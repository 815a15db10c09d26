"""SDK entry: what Dify wants of a rerank model."""

from collections.abc import Mapping
from typing import cast

from dify_plugin import RerankModel
from dify_plugin.entities.model import AIModelEntity
from dify_plugin.entities.model.rerank import RerankResult
from dify_plugin.errors.model import InvokeError

from provider.calls import rerank as calls
from provider.dify.errors import SDK_MAPPING, dify_errors


class LocalRerank(RerankModel):
    """Every rerank model of a local server, and embedding models in its place where that is wished."""

    def _invoke(
        self,
        model: str,
        credentials: dict,
        query: str,
        docs: list[str],
        score_threshold: float | None = None,
        top_n: int | None = None,
        user: str | None = None,
    ) -> RerankResult:
        with dify_errors():
            return calls.rank(model, credentials, query, docs, score_threshold, top_n)

    def validate_credentials(self, model: str, credentials: Mapping) -> None:
        calls.validate(model, cast("dict", credentials))  # the SDK gives this very dict back to Dify

    def get_customizable_model_schema(self, model: str, credentials: Mapping) -> AIModelEntity:
        return calls.schema(model, credentials)

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return SDK_MAPPING

    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        """The SDK would replace our class and our words by its own."""
        return error if isinstance(error, InvokeError) else super()._transform_invoke_error(error)
