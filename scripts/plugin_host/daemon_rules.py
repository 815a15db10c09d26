"""What Dify's plugin daemon accepts from a plugin; no I/O.

The daemon is written in Go and strict: a plugin that works in its own tests may still answer with nothing but
`unmarshal_error` in Dify. These rules are from the daemon's sources (`pkg/entities/model_entities`,
`internal/core/io_tunnel`), and from what Dify does with an answer afterwards.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from scripts.plugin_host.chunk_rules import ChunkRules
from scripts.plugin_host.reply_rules import REPLY_RULES, ReplyRules

# The daemon kills a plugin that writes a line over 5 MiB, and with it all its answers; we keep a distance.
LONGEST_LINE = 4 << 20  # bytes
EVENTS = ("log", "heartbeat", "session", "error")
MOST_ERROR_ARGUMENTS = 10
SHOWN = 200  # bytes of a broken line that are repeated in a message


def read_line(line: bytes, *, first: bool = False) -> tuple[dict[str, Any], list[str]]:
    """The message in a line of stdout (empty when there is none), and the rules which that line breaks."""
    too_long = [f"a line of {len(line)} bytes, over {LONGEST_LINE}"] if len(line) > LONGEST_LINE else []
    try:
        message = _decode(line.decode())
    except ValueError as error:
        return {}, [*too_long, f"a line that is no JSON ({error}): {line[:SHOWN]!r}"]
    if not isinstance(message, dict):
        return {}, [*too_long, f"a line that is no JSON object: {line[:SHOWN]!r}"]
    # The SDK's first line is the manifest, which has no event; the daemon passes over it.
    known = message.get("event") in EVENTS or (first and "event" not in message)
    return message, too_long if known else [*too_long, f"unknown event {message.get('event')!r}"]


def violations(action: str, messages: Iterable[Any], request: Mapping[str, Any] | None = None) -> list[str]:
    """All rules that a whole answer breaks."""
    rules = rules_for(action, request or {})
    return [*(broken for message in messages for broken in rules.take(message)), *rules.end()]


def rules_for(action: str, request: Mapping[str, Any]) -> ChunkRules | ReplyRules:
    """The rules for one answer: `take` each message, then `end`; both give what is broken, in words."""
    if action == "invoke_llm":
        return ChunkRules(streaming=request.get("stream", True))
    return ReplyRules(REPLY_RULES.get(action), many=action == "invoke_tts")


def error_violations(error: Any) -> list[str]:
    """An error that breaks these is lost: Dify then takes the answer so far for the whole answer."""
    if not isinstance(error, dict):
        return ["an error that is no object"]
    broken = [
        f"error.{name} is no string" for name in ("error_type", "message") if not isinstance(error.get(name), str)
    ]
    args = error.get("args") or {}
    if not isinstance(args, dict) or len(args) > MOST_ERROR_ARGUMENTS:
        broken.append(f"error.args is no object of at most {MOST_ERROR_ARGUMENTS} entries")
    return broken


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
