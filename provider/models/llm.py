"""SDK entry: what Dify wants of a large language model."""

from collections.abc import Generator, Mapping
from typing import cast

from dify_plugin import LargeLanguageModel
from dify_plugin.entities.model import AIModelEntity
from dify_plugin.entities.model.llm import LLMResultChunk
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool
from dify_plugin.errors.model import InvokeBadRequestError, InvokeError

from provider.calls import llm as calls
from provider.calls.validation import validate_model
from provider.dify.errors import SDK_MAPPING, dify_errors


class LocalLLM(LargeLanguageModel):
    """Every chat and completion model of a local server."""

    def _invoke(
        self,
        model: str,
        credentials: dict,
        prompt_messages: list[PromptMessage],
        model_parameters: dict,
        tools: list[PromptMessageTool] | None = None,
        stop: list[str] | None = None,
        stream: bool = True,
        user: str | None = None,
    ) -> Generator[LLMResultChunk, None, None]:
        with dify_errors():
            call = calls.read(model, credentials, prompt_messages, model_parameters, tools, stop)
            chunks = calls.start(call)
        return calls.streamed(chunks) if stream else calls.whole(call, chunks)

    def get_num_tokens(
        self,
        model: str,
        credentials: dict,
        prompt_messages: list[PromptMessage],
        tools: list[PromptMessageTool] | None = None,
    ) -> int:
        with dify_errors():
            return calls.count(calls.read(model, credentials, prompt_messages, {}, tools, None))

    def validate_credentials(self, model: str, credentials: Mapping) -> None:
        validate_model(model, cast("dict", credentials))  # the SDK gives this very dict back to Dify

    def get_customizable_model_schema(self, model: str, credentials: Mapping) -> AIModelEntity:
        return calls.schema(model, credentials)

    def _validate_and_filter_model_parameters(self, model: str, model_parameters: dict, credentials: dict) -> dict:
        """The SDK's own check, whose plain ValueError Dify would show as a broken plugin."""
        try:
            return super()._validate_and_filter_model_parameters(model, model_parameters, credentials)
        except ValueError as error:
            raise InvokeBadRequestError(str(error)) from error

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return SDK_MAPPING

    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        """The SDK would replace our class and our words by its own."""
        return error if isinstance(error, InvokeError) else super()._transform_invoke_error(error)
