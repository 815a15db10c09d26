"""The demo's steps. Each does one thing the real way and returns what there is to show."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provider.core.detected import Detected
from provider.core.model_info import ModelInfo
from scripts.plugin_host import PluginHost

PROVIDER_MODEL = "auto"
WEATHER = {
    "name": "get_weather",
    "description": "Get the current weather of a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "City name"}},
        "required": ["city"],
    },
}
SENTIMENT = {
    "type": "object",
    "properties": {"sentiment": {"type": "string", "enum": ["positive", "negative"]}},
    "required": ["sentiment"],
}


class StepFailed(Exception):
    """The demo cannot go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """What the plugin found when the credentials were saved."""

    url: str
    kind: str
    version: str
    model: ModelInfo
    features: list[str]
    context_size: int
    seconds: float
    credentials: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One streamed answer: seconds and tokens as Dify's user would see them."""

    text: str
    tool_calls: list[dict[str, Any]]
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    ttft: float | None
    seconds: float

    @property
    def tokens_per_second(self) -> float | None:
        """Of the decoding, from the first token to the last."""
        if self.ttft is None or self.completion_tokens < 2 or self.seconds <= self.ttft:  # noqa: PLR2004 - one token has no rate
            return None
        return (self.completion_tokens - 1) / (self.seconds - self.ttft)

    def as_dict(self) -> dict[str, Any]:
        """Seconds in milliseconds, for JSON."""
        rate = self.tokens_per_second
        return {
            "text": self.text,
            "tool_calls": self.tool_calls,
            "finish_reason": self.finish_reason,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "ttft_ms": None if self.ttft is None else round(self.ttft * 1000, 1),
            "total_ms": round(self.seconds * 1000, 1),
            "tokens_per_second": None if rate is None else round(rate, 1),
        }


def look(plugin: PluginHost, credentials: Mapping[str, Any], model: str) -> Server:
    """Save the credentials as Dify does, and read what the plugin kept with them."""
    begin = time.perf_counter()
    saved = plugin.validate_model(model, credentials)
    seconds = time.perf_counter() - begin
    found = Detected.loads(saved["detected"])
    if found is None or found.model is None:
        raise StepFailed(f"the plugin kept nothing it could read again: {saved['detected'][:200]}")
    schema = plugin.schema(found.model.name, saved)
    if schema is None:
        raise StepFailed("the plugin has no schema for the model")
    return Server(
        found.url,
        found.kind,
        found.version,
        found.model,
        list(schema["features"]),
        schema["model_properties"]["context_size"],
        seconds,
        saved,
    )


def answer(  # noqa: PLR0913 - a question and how to ask it
    plugin: PluginHost,
    server: Server,
    question: str,
    *,
    parameters: Mapping[str, Any],
    tools: list[dict[str, Any]] | None = None,
    on_text: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Ask through the plugin and read the stream to its end."""
    begin = time.perf_counter()
    first: float | None = None
    texts: list[str] = []
    calls: list[dict[str, Any]] = []
    delta: dict[str, Any] = {}
    messages = [{"role": "user", "content": question}]
    for delta in _deltas(plugin, server, messages, parameters, tools):
        message = delta["message"]
        if first is None and (message["content"] or message["tool_calls"]):
            first = time.perf_counter() - begin
        texts.append(message["content"])
        calls += message["tool_calls"]
        on_text(message["content"])
    usage = delta.get("usage") or {}
    return Answer(
        "".join(texts),
        calls,
        delta.get("finish_reason") or "",
        usage.get("prompt_tokens", 0),
        usage.get("completion_tokens", 0),
        first,
        time.perf_counter() - begin,
    )


def checked_call(result: Answer) -> dict[str, Any]:
    """The one call of the answer, with its arguments read."""
    if len(result.tool_calls) != 1:
        raise StepFailed(f"the model answered {result.text[:200]!r} instead of calling the tool once")
    function = result.tool_calls[0]["function"]
    return {"name": function["name"], "arguments": json.loads(function["arguments"])}


def checked_object(result: Answer) -> dict[str, Any]:
    """The answer as the object the schema asked for."""
    try:
        value = json.loads(result.text)
    except ValueError as error:
        raise StepFailed(f"the answer is not JSON: {result.text[:200]!r}") from error
    if not isinstance(value, dict) or value.get("sentiment") not in ("positive", "negative"):
        raise StepFailed(f"the answer does not match the schema: {result.text[:200]!r}")
    return value


def _deltas(
    plugin: PluginHost,
    server: Server,
    messages: list[dict[str, Any]],
    parameters: Mapping[str, Any],
    tools: list[dict[str, Any]] | None,
) -> Iterator[dict[str, Any]]:
    chunks = plugin.invoke_llm(
        server.model.name, server.credentials, messages, parameters=parameters, tools=tools, stream=True
    )
    return (chunk["delta"] for chunk in chunks)
