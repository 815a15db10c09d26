"""An answer of so many equal chunks, built as the SDK's documentation builds them."""

import time
from collections.abc import Generator

from dify_plugin import LargeLanguageModel
from dify_plugin.entities.model.llm import LLMResult, LLMResultChunk, LLMResultChunkDelta, LLMUsage
from dify_plugin.entities.model.message import AssistantPromptMessage
from dify_plugin.errors.model import CredentialsValidateFailedError


class EchoModel(LargeLanguageModel):
    def _invoke(
        self, model, credentials, prompt_messages, model_parameters, tools=None, stop=None, stream=True, user=None
    ):
        text, count = model_parameters.get("text", "word "), model_parameters.get("chunks", 10)
        if stream:
            return self._chunks(model, text, count, model_parameters.get("pause", 0))
        return LLMResult(
            model=model, message=AssistantPromptMessage(content=text * count), usage=LLMUsage.empty_usage()
        )

    def _chunks(self, model: str, text: str, count: int, pause: float) -> Generator[LLMResultChunk]:
        for index in range(count):
            if pause:
                time.sleep(pause)
            yield LLMResultChunk(
                model=model,
                delta=LLMResultChunkDelta(index=index, message=AssistantPromptMessage(content=text)),
            )
        yield LLMResultChunk(
            model=model,
            delta=LLMResultChunkDelta(
                index=count,
                message=AssistantPromptMessage(content=""),
                usage=LLMUsage.empty_usage(),
                finish_reason="stop",
            ),
        )

    def get_num_tokens(self, model, credentials, prompt_messages, tools=None) -> int:
        return sum(len(message.get_text_content().split()) for message in prompt_messages)

    def validate_credentials(self, model, credentials) -> None:
        if credentials.get("base_url") == "wrong":
            raise CredentialsValidateFailedError("nobody answers there")

    @property
    def _invoke_error_mapping(self) -> dict:
        return {}
