"""What Ollama's native routes want to be asked."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from provider.core.chat import ChatRequest, Message, Tool, ToolCall
from provider.core.parameters import OLLAMA_TOP, chosen
from provider.core.wire.shapes import mapping

DURATION = re.compile(r"-?\d+(\.\d+)?(ns|us|µs|ms|s|m|h)([\d.]+(ns|us|µs|ms|s|m|h))*")


def encode_chat(request: ChatRequest) -> dict[str, Any]:
    """Body of /api/chat."""
    body = _common(request)
    body["messages"] = [_message(message) for message in request.messages]
    if request.tools:
        body["tools"] = [tool_as_json(tool) for tool in request.tools]
    return body


def encode_generate(request: ChatRequest) -> dict[str, Any]:
    """Body of /api/generate: the system messages apart, all else as one text."""
    body = _common(request)
    system = "\n\n".join(message.text for message in request.messages if message.role == "system")
    rest = [message for message in request.messages if message.role != "system"]
    body["prompt"] = "\n\n".join(message.text for message in rest)
    if system:
        body["system"] = system
    if images := [media.base64 for message in rest for media in message.media]:
        body["images"] = images
    return body


def _common(request: ChatRequest) -> dict[str, Any]:
    parameters = chosen(request.parameters, "ollama")
    top = {name: parameters.pop(name) for name in OLLAMA_TOP if name in parameters}
    options = {**parameters, **_options(request)}
    body = {"model": request.model, "stream": True, **top, **_format(request), **_think(request)}
    if options:
        body["options"] = options
    if request.keep_alive.strip():
        body["keep_alive"] = keep_alive(request.keep_alive)
    return _merged(body, request.extra_body)


def _options(request: ChatRequest) -> dict[str, Any]:
    """The context length goes with every call: a differing one would reload the model."""
    options: dict[str, Any] = {}
    if request.context_length:
        options["num_ctx"] = request.context_length
    if request.stop:  # an empty list would erase the model's own stop words
        options["stop"] = list(request.stop)
    return options


def _format(request: ChatRequest) -> dict[str, Any]:
    if request.json_schema is not None:
        return {"format": request.json_schema}
    return {"format": "json"} if request.json_mode else {}


def _think(request: ChatRequest) -> dict[str, Any]:
    """With a schema thinking is switched off: some templates apply the schema only after a thought."""
    if request.json_schema is not None or request.json_mode:
        return {"think": False}
    if request.thinking is None:
        return {}
    return {"think": {"on": True, "off": False}.get(request.thinking, request.thinking)}


def keep_alive(text: str) -> int | float | str:
    """Seconds as a number, durations with their unit: Ollama refuses "-1" as text."""
    text = text.strip()
    if DURATION.fullmatch(text):
        return text
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return int(number) if number.is_integer() else number


def _message(message: Message) -> dict[str, Any]:
    encoded: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.thinking:
        encoded["thinking"] = message.thinking
    if message.media:
        encoded["images"] = [media.base64 for media in message.media]  # sounds go the same way
    if message.tool_calls:
        encoded["tool_calls"] = [_call(at, call) for at, call in enumerate(message.tool_calls)]
    if message.role == "tool":
        encoded["tool_call_id"] = message.tool_call_id
        encoded["tool_name"] = message.tool_name
    return encoded


def _call(at: int, call: ToolCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "function": {"index": at, "name": call.name, "arguments": arguments_object(call.arguments)},
    }


def arguments_object(arguments: str) -> Any:
    """Old arguments as an object; what does not parse is kept, so that the model sees what it wrote."""
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        return {"arguments": arguments}
    return value if isinstance(value, dict) else {"arguments": value}


def tool_as_json(tool: Tool) -> dict[str, Any]:
    """OpenAI's form, which all servers share; a schema without properties confuses several."""
    parameters = {"type": "object", "properties": {}, **dict(tool.parameters)}
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def _merged(body: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`options` are merged one by one, and the context length stays what was declared."""
    options = {**mapping(body.get("options")), **mapping(extra.get("options"))}
    if "num_ctx" in (body.get("options") or {}):
        options["num_ctx"] = body["options"]["num_ctx"]
    return {**body, **extra, **({"options": options} if options else {})}
