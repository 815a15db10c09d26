"""Messages and tools as callers write them: our own objects, or dicts as OpenAI and Ollama have them."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from provider.core.chat import Media, Message, Role, Tool, ToolCall
from provider.core.errors import BadSetting

ROLES = get_args(Role.__value__)

type AnyMessage = Message | Mapping[str, Any]
type AnyTool = Tool | Mapping[str, Any]


def read_messages(given: Sequence[AnyMessage]) -> tuple[Message, ...]:
    """A tool's result gets the name of the tool it answers, which many templates want."""
    messages = [each if isinstance(each, Message) else _message(each) for each in given]
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    return tuple(_named(message, names) for message in messages)


def read_tools(given: Iterable[AnyTool]) -> tuple[Tool, ...]:
    return tuple(each if isinstance(each, Tool) else _tool(each) for each in given)


def _named(message: Message, names: Mapping[str, str]) -> Message:
    if message.role != "tool" or message.tool_name:
        return message
    return replace(message, tool_name=names.get(message.tool_call_id, ""))


def _message(given: Mapping[str, Any]) -> Message:
    role = given.get("role")
    if role not in ROLES:
        raise BadSetting(f"a message has the role {role!r}; there are {', '.join(ROLES)}")
    return Message(
        cast("Role", role),
        (*_parts(given.get("content")), *(_picture(image) for image in given.get("images") or ())),
        given.get("thinking") or "",
        tuple(_call(call) for call in given.get("tool_calls") or ()),
        given.get("tool_call_id") or "",
        given.get("tool_name") or given.get("name") or "",
    )


def _parts(content: Any) -> tuple[str | Media, ...]:
    """Text, or OpenAI's list of parts."""
    if isinstance(content, str) or content is None:
        return (content,) if content else ()
    return tuple(part["text"] if "text" in part else _picture(part["image_url"]["url"]) for part in content)


def _picture(image: str | bytes) -> Media:
    """Bytes, base64, or a data URL: Ollama refuses the prefix, and fetches nothing."""
    if isinstance(image, bytes):
        return Media("image", base64=base64.b64encode(image).decode())
    if image.startswith(("http://", "https://")):
        raise BadSetting("Ollama fetches no pictures: give the bytes of the image, not its address")
    return Media("image", base64=image.partition(",")[2] if image.startswith("data:") else image)


def _call(given: Mapping[str, Any]) -> ToolCall:
    function = given.get("function") or given
    arguments = function.get("arguments") or {}
    encoded = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(given.get("id") or "", function["name"], encoded)


def _tool(given: Mapping[str, Any]) -> Tool:
    function = given.get("function") or given
    return Tool(function["name"], function.get("description") or "", function.get("parameters") or {})
