"""What was said before in a conversation, cut to what fits, as Dify does it."""

from collections.abc import Sequence
from typing import Protocol

from graphon.model_runtime.entities.message_entities import AssistantPromptMessage, PromptMessage, UserPromptMessage


class CountsTokens(Protocol):
    def get_llm_num_tokens(self, prompt_messages: Sequence[PromptMessage]) -> int: ...


class Memory:
    def __init__(self, history: Sequence[tuple[str, str]], model: CountsTokens) -> None:
        self._history, self._model = history, model

    def get_history_prompt_messages(
        self, max_token_limit: int = 2000, message_limit: int | None = None
    ) -> Sequence[PromptMessage]:
        """A limit of messages counts questions with their answers; the oldest go first."""
        kept = self._history[-message_limit:] if message_limit else self._history
        messages = [message for question, answer in kept for message in _said(question, answer)]
        while len(messages) > 1 and self._model.get_llm_num_tokens(messages) > max_token_limit:
            messages.pop(0)
        return messages


def _said(question: str, answer: str) -> tuple[PromptMessage, PromptMessage]:
    return UserPromptMessage(content=question), AssistantPromptMessage(content=answer)
