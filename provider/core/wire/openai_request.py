"""What the OpenAI-style routes want to be asked; the differences between servers are arguments."""

import json
from dataclasses import dataclass
from typing import Any

from provider.core.chat import ChatRequest, Media, Message, ToolCall
from provider.core.errors import Rejected
from provider.core.parameters import chosen
from provider.core.wire.ollama_request import arguments_object, tool_as_json
from provider.core.wire.shapes import mapping

SCHEMA_NAME = "answer"
LEVELS = {"low": "low", "medium": "medium", "high": "high", "max": "high"}  # no local template knows more than high


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one server differs from the others."""

    kind: str
    flavour: str = ""
    thinking_field: str = ""  # where old thoughts go in an assistant message; empty: they are left out
    template_switch: bool = True  # understands chat_template_kwargs
    metadata_switch: bool = False  # LocalAI: takes enable_thinking as text in `metadata`
    json_object: bool = True  # knows response_format json_object


def encode_chat(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """Body of /v1/chat/completions."""
    body = _common(request, dialect)
    body["messages"] = [_message(message, dialect) for message in request.messages]
    if request.tools:
        body["tools"] = [tool_as_json(tool) for tool in request.tools]
    else:
        body.pop("tool_choice", None)
        body.pop("parallel_tool_calls", None)
    return {**body, **_thinking(request, dialect), **_format(request, dialect), **request.extra_body}


def encode_completion(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """Body of /v1/completions: all messages as one text.

    Raises:
        Rejected: a text has no place for pictures and sounds.
    """
    if media := next((media for message in request.messages for media in message.media), None):
        raise Rejected(f"{media.kind} input has no place in a completion; set “Completion mode” to chat")
    body = _common(request, dialect)
    body["prompt"] = "\n\n".join(message.text for message in request.messages)
    for name in ("tool_choice", "parallel_tool_calls"):
        body.pop(name, None)
    return {**body, **_format(request, dialect), **request.extra_body}


def _common(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    body: dict[str, Any] = {"model": request.model, "stream": True, "stream_options": {"include_usage": True}}
    body |= chosen(request.parameters, dialect.kind, dialect.flavour)
    if request.stop:
        body["stop"] = list(request.stop)
    return body


def _message(message: Message, dialect: Dialect) -> dict[str, Any]:
    encoded: dict[str, Any] = {"role": message.role, "content": _content(message)}
    if message.thinking and dialect.thinking_field:
        encoded[dialect.thinking_field] = message.thinking
    if message.tool_calls:
        encoded["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.role == "tool":
        encoded["tool_call_id"] = message.tool_call_id
        if message.tool_name:
            encoded["name"] = message.tool_name
    return encoded


def _content(message: Message) -> str | list[dict[str, Any]]:
    """Plain text stays a string, which every server and template takes."""
    if not message.media:
        return message.text
    return [_media(part) if isinstance(part, Media) else {"type": "text", "text": part} for part in message.parts]


def _media(media: Media) -> dict[str, Any]:
    if media.kind == "audio":
        sound = "mp3" if media.mime_type.endswith(("mpeg", "mp3")) else "wav"
        return {"type": "input_audio", "input_audio": {"data": media.base64, "format": sound}}
    return {"type": "image_url", "image_url": {"url": media.data_url}}


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": _arguments(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _arguments(text: str) -> str:
    """Templates crash on arguments that do not parse, so such a text is wrapped, not lost."""
    parsed = arguments_object(text)
    return text if text.lstrip().startswith("{") and parsed != {"arguments": text} else json.dumps(parsed)


def _thinking(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    if request.thinking is None:
        return {}
    off = request.thinking == "off"
    switch: dict[str, Any] = {"enable_thinking": not off} if dialect.template_switch else {}
    level = LEVELS.get(request.thinking)
    body: dict[str, Any] = {"reasoning_effort": level} if level else {}
    if switch:
        given = mapping(request.extra_body.get("chat_template_kwargs"))
        body["chat_template_kwargs"] = {**switch, **({"reasoning_effort": level} if level else {}), **given}
    if dialect.metadata_switch:
        body["metadata"] = {"enable_thinking": "false" if off else "true"}
    return body


def _format(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    schema = request.json_schema
    if schema is None and request.json_mode and not dialect.json_object:
        schema = {"type": "object"}
    if schema is not None:
        wrapped = {"name": SCHEMA_NAME, "schema": schema, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": wrapped}}
    return {"response_format": {"type": "json_object"}} if request.json_mode else {}
