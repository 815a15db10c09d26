"""A model as Dify's engine asks it, served by the plugin's process as Dify's API would ask it."""

import json
import threading
import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import json_repair
from graphon.dsl.slim.llm import _llm_chunk_generator
from graphon.dsl.slim.package_loader import SlimPackageLoader
from graphon.model_runtime.entities.llm_entities import (
    LLMResultChunk,
    LLMResultChunkDelta,
    LLMResultChunkWithStructuredOutput,
)
from graphon.model_runtime.entities.message_entities import AssistantPromptMessage, PromptMessage
from graphon.model_runtime.utils.encoders import jsonable_encoder
from graphon.nodes.llm.runtime_protocols import LLMProtocol

from scripts.plugin_host import HostError, PluginError

# These the API raises again by name, with the plugin's description; of any other it shows all there is.
SHOWN_AS_DESCRIBED = (
    "InvokeAuthorizationError",
    "InvokeBadRequestError",
    "InvokeConnectionError",
    "InvokeRateLimitError",
    "InvokeServerUnavailableError",
)


AUTO = "auto"


class ModelFailed(Exception):
    """With the text that Dify's user would see."""


class OutputParserError(ValueError):
    """There was no JSON object in an answer that had to be one."""


class Stopped(Exception):
    """Nobody waits for this answer any more."""


class Host(Protocol):
    """The plugin's process; what comes back is read while iterating."""

    def invoke(self, action: str, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Plugin:
    """With each model's credentials as Dify stores them, and with what Dify keeps for an hour about models."""

    host: Host
    provider: str
    credentials: Mapping[str, Mapping[str, Any]]  # by the name of the model
    schemas: dict[str, Any] = field(default_factory=dict)

    def ask(self, model: str) -> dict[str, Any]:
        credentials = self.credentials.get(model) or self.credentials.get(AUTO) or {}
        return {"provider": self.provider, "model_type": "llm", "model": model, "credentials": dict(credentials)}

    def found(self, model: str) -> str:
        """The one that stands behind `auto`: the engine asks a model what it can, and `auto` promises nothing."""
        detected = json.loads(self.credentials.get(model, {}).get("detected") or "{}") if model == AUTO else {}
        return (detected.get("model") or {}).get("name") or model


class PluginModel(LLMProtocol):
    """One for each node and run, as the engine changes its parameters."""

    def __init__(self, plugin: Plugin, settings: Mapping[str, Any], stopped: threading.Event) -> None:
        self._plugin, self._stopped = plugin, stopped
        self._name = str(settings.get("name") or "")
        self._provider = str(settings.get("provider") or plugin.provider)
        self._parameters = dict(settings.get("completion_params") or {})
        self._stop = self._parameters.pop("stop", None)

    @property
    def provider(self) -> str:
        return self._provider

    @property
    def model_name(self) -> str:
        return self._name

    @property
    def stop(self) -> Sequence[str] | None:
        return self._stop

    @property
    def parameters(self) -> Mapping[str, Any]:
        return dict(self._parameters)

    @parameters.setter
    def parameters(self, value: Mapping[str, Any]) -> None:
        self._parameters = dict(value)

    def get_model_schema(self) -> Any:
        known = self._plugin.schemas
        if self._name not in known:
            schema = self._one("get_ai_model_schemas", {})["model_schema"]
            # A loader of folders, which are not needed for this.
            known[self._name] = SlimPackageLoader.__new__(SlimPackageLoader).convert_model_entity(schema)
        return known[self._name]

    def get_llm_num_tokens(self, prompt_messages: Sequence[PromptMessage]) -> int:
        return self._one("get_llm_num_tokens", {"prompt_messages": _plain(prompt_messages), "tools": []})["num_tokens"]

    def invoke_llm(
        self, *, prompt_messages: Sequence[PromptMessage], model_parameters: Mapping[str, Any],
        tools: Any = None, stop: Any = None, stream: bool = True,
    ) -> Generator[LLMResultChunk]:  # fmt: skip
        """Whole answers are never asked for: the engine's nodes always stream."""
        request = {
            **self._plugin.ask(self._name),
            "prompt_messages": _plain(prompt_messages),
            "model_parameters": {**self._parameters, **model_parameters},
            "tools": [jsonable_encoder(tool) for tool in tools or []] or None,
            "stop": list(stop or []) or None,
            "stream": stream,
        }
        chunks = self._until_stopped(request)
        # Each chunk would have the whole prompt checked again, and nobody reads it there.
        return _llm_chunk_generator(model=self._name, prompt_messages=[], chunks=chunks, expect_structured_output=False)

    def invoke_llm_with_structured_output(
        self, *, prompt_messages: Sequence[PromptMessage], json_schema: Mapping[str, Any],
        model_parameters: Mapping[str, Any], stop: Any = None, stream: bool = True,
    ) -> Generator[LLMResultChunkWithStructuredOutput]:  # fmt: skip
        """As Dify's API does it for models that say they can: the schema is a parameter, the text is parsed here."""
        parameters = {**model_parameters, **self._schema_parameters(json_schema)}
        text = ""
        for chunk in self.invoke_llm(prompt_messages=prompt_messages, model_parameters=parameters, stop=stop):
            text += chunk.delta.message.content or ""
            yield LLMResultChunkWithStructuredOutput(model=chunk.model, delta=chunk.delta)
        nothing = LLMResultChunkDelta(index=0, message=AssistantPromptMessage(content=""))
        yield LLMResultChunkWithStructuredOutput(model=self._name, structured_output=_object(text), delta=nothing)

    def is_structured_output_parse_error(self, error: Exception) -> bool:
        return isinstance(error, OutputParserError)

    def _schema_parameters(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        asked = {"json_schema": json.dumps({"schema": dict(schema), "name": "llm_response"}, ensure_ascii=False)}
        rules = self.get_model_schema().parameter_rules
        takes = any(rule.name == "response_format" and "json_schema" in rule.options for rule in rules)
        return {**asked, "response_format": "json_schema"} if takes else asked

    def _one(self, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
        replies = list(self._replies(action, {**self._plugin.ask(self._name), **data}))
        if not replies:
            raise ModelFailed(f"the plugin gave no reply to {action}")
        return replies[-1]

    def _until_stopped(self, request: Mapping[str, Any]) -> Iterator[Any]:
        for chunk in self._replies("invoke_llm", request):
            if self._stopped.is_set():
                raise Stopped
            yield chunk

    def _replies(self, action: str, request: Mapping[str, Any]) -> Iterator[Any]:
        try:
            yield from self._plugin.host.invoke(action, request)
        except PluginError as error:
            raise _renamed(error) from error
        except HostError as error:
            raise ModelFailed(f"Request to Plugin Daemon Service failed: {str(error).splitlines()[0]}") from error


def _renamed(error: PluginError) -> ModelFailed:
    """Its class has the name of the plugin's: the engine tells that name as `error_type`."""
    kind = type(error.error_type, (ModelFailed,), {})
    if error.error_type in SHOWN_AS_DESCRIBED:
        return kind(error.details.get("description") or error.message)
    told = {"error_type": error.error_type, "message": error.message, "args": error.details}
    return kind(f"req_id: {uuid.uuid4().hex[:10]} PluginInvokeError: {json.dumps(told, ensure_ascii=False)}")


def _object(text: str) -> dict[str, Any]:
    """What is a little broken is mended, and what came before it (a thought) is passed over, as in Dify."""
    found = json_repair.loads(text)
    objects = [part for part in found if isinstance(part, dict)] if isinstance(found, list) else [found]
    if not objects or not isinstance(objects[0], dict):
        raise OutputParserError(f"Failed to parse structured output: {text}")
    return objects[0]


def _plain(messages: Sequence[PromptMessage]) -> list[dict[str, Any]]:
    return [jsonable_encoder(message) for message in messages]
