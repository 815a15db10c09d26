"""SDK entry: what Dify wants of a speech-to-text model."""

from collections.abc import Mapping
from typing import IO, cast

from dify_plugin.entities.model import AIModelEntity
from dify_plugin.errors.model import InvokeError
from dify_plugin.interfaces.model.speech2text_model import Speech2TextModel

from provider.calls import audio as calls
from provider.dify.errors import SDK_MAPPING, dify_errors


class LocalSpeech2Text(Speech2TextModel):
    """Every model of a local server that transcribes."""

    def _invoke(self, model: str, credentials: dict, file: IO[bytes], user: str | None = None) -> str:
        with dify_errors():
            return calls.transcribe(model, credentials, file)

    def validate_credentials(self, model: str, credentials: Mapping) -> None:
        calls.validate_speech2text(model, cast("dict", credentials))  # the SDK gives this very dict back to Dify

    def get_customizable_model_schema(self, model: str, credentials: Mapping) -> AIModelEntity:
        return calls.speech2text_schema(model)

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return SDK_MAPPING

    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        """The SDK would replace our class and our words by its own."""
        return error if isinstance(error, InvokeError) else super()._transform_invoke_error(error)
