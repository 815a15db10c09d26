"""Dify's prompt messages, tools and parameters → `ChatRequest`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    MultiModalPromptMessageContent,
    PromptMessage,
    PromptMessageTool,
    TextPromptMessageContent,
    ToolPromptMessage,
)

from provider.core.chat import ChatRequest, Media, Message, Role, Tool, ToolCall
from provider.core.errors import Rejected
from provider.core.schema_check import read_schema

# Only at the beginning: a quoted block later in an old answer is the answer's own.
OLD_THINKING = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)
ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "assistant": "assistant", "tool": "tool"}
FORMATS = ("text", "json_object", "json_schema")


def to_messages(messages: Sequence[PromptMessage]) -> tuple[Message, ...]:
    """Each message with its parts; a tool's answer gets the name its call had."""
    names = {call.id: call.function.name for message in messages for call in getattr(message, "tool_calls", ())}
    return tuple(_message(message, names) for message in messages)


def to_tools(tools: Sequence[PromptMessageTool] | None) -> tuple[Tool, ...]:
    return tuple(Tool(tool.name, tool.description, tool.parameters) for tool in tools or ())


def to_request(
    model: str,
    messages: Sequence[PromptMessage],
    parameters: Mapping[str, Any],
    tools: Sequence[PromptMessageTool] | None,
    stop: Sequence[str] | None,
    **settings: Any,
) -> ChatRequest:
    """Raises `Rejected` for a schema or a parameter that cannot be meant."""
    kind = parameters.get("response_format") or "text"
    if kind not in FORMATS:
        raise Rejected(f"response_format must be one of {', '.join(FORMATS)}, not “{kind}”")
    schema = read_schema(parameters.get("json_schema"))
    if kind == "json_schema" and schema is None:
        raise Rejected("response_format is json_schema, but the parameter json_schema is empty")
    return ChatRequest(
        model=model,
        messages=to_messages(messages),
        parameters=parameters,
        tools=to_tools(tools),
        stop=tuple(word for word in stop or () if word),
        json_schema=schema,
        json_mode=kind == "json_object" and schema is None,
        thinking=parameters.get("thinking") or None,
        **settings,
    )


def _message(message: PromptMessage, names: Mapping[str, str]) -> Message:
    role = ROLES.get(message.role.value, "user")
    parts = _parts(message)
    if isinstance(message, ToolPromptMessage):
        name = message.name or names.get(message.tool_call_id, "")
        return Message(role, parts, tool_call_id=message.tool_call_id, tool_name=name)
    if isinstance(message, AssistantPromptMessage):
        return _assistant(message, parts)
    return Message(role, parts)


def _assistant(message: AssistantPromptMessage, parts: tuple[str | Media, ...]) -> Message:
    thinking = ""
    if parts and isinstance(parts[0], str) and (found := OLD_THINKING.match(parts[0])):
        thinking, parts = found[1].strip(), (parts[0][found.end() :], *parts[1:])
    calls = tuple(ToolCall(call.id, call.function.name, call.function.arguments) for call in message.tool_calls)
    return Message("assistant", parts, thinking, calls)


def _parts(message: PromptMessage) -> tuple[str | Media, ...]:
    if not message.content:
        return ()
    if isinstance(message.content, str):
        return (message.content,)
    return tuple(_part(part) for part in message.content)


def _part(part: Any) -> str | Media:
    if isinstance(part, TextPromptMessageContent):
        return part.data
    if isinstance(part, MultiModalPromptMessageContent):
        return Media(part.type.value, part.mime_type, _bare(part.base64_data), part.url)
    raise Rejected(
        f"a message part of type {getattr(part, 'type', type(part).__name__)} cannot be sent to a model server"
    )


def _bare(data: str) -> str:
    """Base64 without the `data:` prefix some senders leave on."""
    return data.partition(",")[2] if data.startswith("data:") else data
