"""One call of a language model, from Dify's arguments to Dify's chunks."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from dify_plugin.entities.model import AIModelEntity
from dify_plugin.entities.model.llm import LLMResultChunk
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool

from provider.core import conversation
from provider.core.chat import ChatRequest, Usage
from provider.core.dispatch import Target
from provider.core.errors import ServerError
from provider.core.inspection import AUTO
from provider.core.model_info import ModelInfo
from provider.core.tokens import estimate_prompt, estimate_text
from provider.dify.chunks import joined, to_chunks
from provider.dify.credentials import Credentials, read_credentials
from provider.dify.errors import dify_errors
from provider.dify.prompts import to_request
from provider.dify.schema import UNKNOWN_CONTEXT, declared_context, model_entity


@dataclass(frozen=True, slots=True)
class Call:
    """`shown` is the name Dify knows the model by."""

    shown: str
    target: Target
    request: ChatRequest
    thinking_output: str


def read(  # noqa: PLR0913, PLR0917 - what Dify sends with a call
    model: str,
    form: Mapping[str, Any],
    messages: Sequence[PromptMessage],
    parameters: Mapping[str, Any],
    tools: Sequence[PromptMessageTool] | None,
    stop: Sequence[str] | None,
) -> Call:
    """Raises a `ServerError` for a form or a parameter that cannot be meant."""
    credentials = read_credentials(form)
    target = _target(model, credentials)
    request = to_request(
        target.model,
        messages,
        parameters,
        tools,
        stop,
        completion=credentials.completion,
        context_length=_context(target, credentials),
        keep_alive=credentials.keep_alive,
        extra_body=credentials.extra_body,
    )
    structured = request.json_schema is not None or request.json_mode
    return Call(model, target, request, "hidden" if structured else credentials.thinking_output)


def start(call: Call) -> Generator[LLMResultChunk]:
    """Send the question; a refusal is raised here, before the first chunk."""
    events = conversation.ask(call.target, call.request)
    return to_chunks(call.shown, events, call.thinking_output, lambda said: _estimated(call.request, said))


def streamed(chunks: Generator[LLMResultChunk]) -> Generator[LLMResultChunk]:
    """Errors in mid-stream in Dify's words; closing this closes the server's socket."""
    with dify_errors(), closing(chunks):
        yield from chunks


def whole(call: Call, chunks: Generator[LLMResultChunk]) -> Generator[LLMResultChunk]:
    yield from joined(call.shown, streamed(chunks))


def count(call: Call) -> int:
    return conversation.count(call.target, call.request)


def schema(model: str, form: Mapping[str, Any]) -> AIModelEntity:
    """Must not fail: a model whose schema fails disappears from Dify's lists without a word."""
    try:
        credentials = read_credentials(form)
    except ServerError:
        return model_entity(model, ModelInfo(model, "openai"))
    return model_entity(model, credentials.model(model), completion=credentials.completion)


def _target(model: str, credentials: Credentials) -> Target:
    name = credentials.model_name or model
    info = credentials.model(name)
    return Target(credentials.server, credentials.instances, name, info)


def _context(target: Target, credentials: Credentials) -> int | None:
    """What Dify was told; for `auto` that is what its YAML promises."""
    if target.model == AUTO and not credentials.context_size:
        return UNKNOWN_CONTEXT
    return declared_context(target.info)


def _estimated(request: ChatRequest, said: str) -> Usage:
    return Usage(estimate_prompt(request), estimate_text(said), estimated=True)
