"""SDK entry: what Dify wants of a large language model."""

from collections.abc import Generator, Mapping

from dify_plugin import LargeLanguageModel
from dify_plugin.entities.model import AIModelEntity
from dify_plugin.entities.model.llm import LLMResultChunk
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool
from dify_plugin.errors.model import InvokeError

from provider.dify import llm_call
from provider.dify.errors import SDK_MAPPING, dify_errors
from provider.dify.validation import validate_model


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
            call = llm_call.read(model, credentials, prompt_messages, model_parameters, tools, stop)
            chunks = llm_call.start(call)
        return llm_call.streamed(chunks) if stream else llm_call.whole(call, chunks)

    def get_num_tokens(
        self,
        model: str,
        credentials: dict,
        prompt_messages: list[PromptMessage],
        tools: list[PromptMessageTool] | None = None,
    ) -> int:
        with dify_errors():
            return llm_call.count(llm_call.read(model, credentials, prompt_messages, {}, tools, None))

    def validate_credentials(self, model: str, credentials: dict) -> None:
        validate_model(model, credentials)

    def get_customizable_model_schema(self, model: str, credentials: Mapping) -> AIModelEntity:
        return llm_call.schema(model, credentials)

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return SDK_MAPPING

    def _transform_invoke_error(self, error: Exception) -> Exception:
        """The SDK would replace our class and our words by its own."""
        return error if isinstance(error, InvokeError) else super()._transform_invoke_error(error)
