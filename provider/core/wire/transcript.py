"""The text of a transcription, however a server wraps it: JSON, plain text, or events although none were asked for."""

import json
import re
from typing import Any

from provider.core.wire.characters import mended
from provider.core.wire.failure import Refusal, read_failure, unwrap
from provider.core.wire.lines import excerpt
from provider.core.wire.sse import SSEDecoder

# Qwen3-ASR writes this before the text, and llama.cpp passes it on.
LANGUAGE_MARK = re.compile(r"^\s*language [^<\n]{0,60}<asr_text>")
SILENCE = ("[BLANK_AUDIO]", "[ Silence ]", "(silence)")  # what Whisper writes when nobody speaks
LM_STUDIO_NOT_FOUND = "unexpected endpoint"


class Unreadable(ValueError):
    """An answer without a text; it says what came instead."""


def read_transcript(body: bytes, content_type: str = "") -> str:
    """The text, which is empty when nothing was said.

    Raises:
        Refusal: the server wrote an error, although with a good status.
        Unreadable: there is no text in it.
    """
    text = _clean(_text(body, content_type))
    return "" if text in SILENCE else text


def _text(body: bytes, content_type: str) -> str:
    if body.lstrip().startswith((b"data:", b"event:")):
        return _from_events(body)
    try:
        value = json.loads(body)
    except ValueError:
        return _plain(body, content_type)
    return _from_json(value)


def _from_json(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "text" in value and isinstance(value["text"] or "", str):
        return value["text"] or ""
    if isinstance(value, dict) and value.get("error"):
        raise Refusal(unwrap(value))
    raise Unreadable(f"it has no text: {excerpt(json.dumps(value, ensure_ascii=False).encode())}")


def _from_events(body: bytes) -> str:
    """`transcript.text.done` has the whole text, `transcript.text.delta` a piece."""
    decoder, pieces = SSEDecoder(), ""
    for _, payload in [*decoder.feed(body), *decoder.end()]:
        event = _object(payload)
        if event.get("error"):
            raise Refusal(unwrap(event))
        if isinstance(event.get("text"), str):
            return event["text"]
        pieces += str(event.get("delta") or "")
    return pieces


def _plain(body: bytes, content_type: str) -> str:
    """whisper.cpp calls plain text text/html; a real page is something else."""
    if not content_type.startswith("text/") or b"<html" in body[:1000].lower():
        raise Unreadable(f"it is no transcription: {read_failure(body).words or 'nothing at all'}")
    return body.decode(errors="replace")


def _object(payload: bytes) -> dict[str, Any]:
    try:
        value = json.loads(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _clean(text: str) -> str:
    return mended(LANGUAGE_MARK.sub("", text).strip())
