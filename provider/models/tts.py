"""SDK entry: what Dify wants of a text-to-speech model."""

from collections.abc import Generator, Mapping
from typing import cast

from dify_plugin import TTSModel
from dify_plugin.entities.model import AIModelEntity
from dify_plugin.errors.model import InvokeError

from provider.calls import audio as calls
from provider.dify.errors import SDK_MAPPING, dify_errors


class LocalTTS(TTSModel):
    """Every model of a local server that speaks."""

    def _invoke(
        self,
        model: str,
        tenant_id: str,
        credentials: dict,
        content_text: str,
        voice: str,
        user: str | None = None,
    ) -> Generator[bytes, None, None]:
        with dify_errors():
            sound = calls.speak(model, credentials, content_text, voice)
        return calls.streamed(sound)

    def get_tts_model_voices(self, model: str, credentials: dict, language: str | None = None) -> list:
        with dify_errors():
            return calls.voices(model, credentials, language)

    def get_tts_model_mime_type(self, model: str, credentials: dict) -> str:
        return calls.mime_type(model, credentials)

    def validate_credentials(self, model: str, credentials: Mapping) -> None:
        calls.validate_tts(model, cast("dict", credentials))  # the SDK gives this very dict back to Dify

    def get_customizable_model_schema(self, model: str, credentials: Mapping) -> AIModelEntity:
        return calls.tts_schema(model, credentials)

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return SDK_MAPPING

    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        """The SDK would replace our class and our words by its own."""
        return error if isinstance(error, InvokeError) else super()._transform_invoke_error(error)
