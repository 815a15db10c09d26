"""One run of an app that is a prompt only: a completion, or a basic chat with its conversation."""

import re
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from graphon.model_runtime.entities.llm_entities import LLMUsage
from graphon.model_runtime.entities.message_entities import PromptMessage, SystemPromptMessage, UserPromptMessage

from local_dify.service import told
from local_dify.service.conversations import Conversation
from local_dify.service.memory import Memory
from local_dify.service.model import ModelFailed, Plugin, PluginModel, Stopped
from local_dify.service.run import Event, Run

VARIABLE = re.compile(r"\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}")
HISTORY_TOKENS = 2000


class Prompt:
    def __init__(
        self, run: Run, inputs: Mapping[str, Any], plugin: Plugin,
        conversation: Conversation | None = None, query: str = "",
    ) -> None:  # fmt: skip
        self.run = run
        self._conversation, self._query = conversation, query
        self._stopped = threading.Event()
        self._model = PluginModel(plugin, run.app.prompt["model"], self._stopped)
        self._text = VARIABLE.sub(lambda found: str(inputs.get(found[1], "")), run.app.prompt.get("pre_prompt") or "")
        self._began = time.monotonic()
        self._answer, self._usage = "", LLMUsage.empty_usage()

    def events(self) -> Iterator[Event]:
        try:
            yield from self._words()
            yield from self.last_words()
        except ModelFailed as error:
            yield self.run.error("completion_request_error", str(error))
        except Stopped:
            pass  # its end was told when it was stopped
        finally:
            self._end_turn()

    def abort(self) -> None:
        self._stopped.set()

    def last_words(self) -> Iterator[Event]:
        times = {"time_to_first_token": None, "time_to_generate": None, "latency": time.monotonic() - self._began}
        usage = told.usage(self._usage, **times)
        metadata = {"annotation_reply": None, "retriever_resources": [], "usage": usage}
        yield self.run.word("message_end", metadata=metadata, files=None)

    def _words(self) -> Iterator[Event]:
        chunks = self._model.invoke_llm(prompt_messages=self._messages(), model_parameters={})
        for chunk in chunks:
            self._usage = chunk.delta.usage or self._usage
            text = chunk.delta.message.get_text_content()
            self._answer += text
            yield self.run.word("message", answer=text, from_variable_selector=None)

    def _messages(self) -> list[PromptMessage]:
        if self._conversation is None:
            return [UserPromptMessage(content=self._text)]
        history = Memory(list(self._conversation.turns), self._model).get_history_prompt_messages(HISTORY_TOKENS)
        system = [SystemPromptMessage(content=self._text)] if self._text else []
        return [*system, *history, UserPromptMessage(content=self._query)]

    def _end_turn(self) -> None:
        if self._conversation is not None and self._answer:
            self._conversation.turns.append((self._query, self._answer))
