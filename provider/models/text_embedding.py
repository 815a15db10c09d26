"""SDK entry: what Dify wants of a text embedding model."""

from collections.abc import Mapping
from typing import cast

from dify_plugin import TextEmbeddingModel
from dify_plugin.entities.model import AIModelEntity, EmbeddingInputType
from dify_plugin.entities.model.text_embedding import MultiModalContent, MultiModalEmbeddingResult, TextEmbeddingResult
from dify_plugin.errors.model import InvokeError

from provider.calls import embedding as calls
from provider.dify.errors import SDK_MAPPING, dify_errors


class LocalTextEmbedding(TextEmbeddingModel):
    """Every embedding model of a local server."""

    def _invoke(
        self,
        model: str,
        credentials: dict,
        texts: list[str],
        user: str | None = None,
        input_type: EmbeddingInputType = EmbeddingInputType.DOCUMENT,
    ) -> TextEmbeddingResult:
        with dify_errors():
            return calls.texts(calls.read(model, credentials, input_type), texts)

    def _invoke_multimodal(
        self,
        model: str,
        credentials: dict,
        documents: list[MultiModalContent],
        user: str | None = None,
        input_type: EmbeddingInputType = EmbeddingInputType.DOCUMENT,
    ) -> MultiModalEmbeddingResult:
        with dify_errors():
            return calls.documents(calls.read(model, credentials, input_type), documents)

    def get_num_tokens(self, model: str, credentials: dict, texts: list[str]) -> list[int]:
        return calls.count(texts)

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
