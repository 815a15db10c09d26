"""How many tokens a prompt will be, without a tokenizer and without the internet.

Every model cuts text differently; this counts like a typical 100,000-token vocabulary and
errs a little high, because a prompt that is thought too long is trimmed, one thought too short is refused.
"""

import json
import re

from provider.core.chat import ChatRequest, Media, Message, Tool

PER_MESSAGE = 4  # role marks of a chat template
PER_REPLY = 3
PER_TOOL = 8
PER_MEDIA = {"image": 768, "audio": 512, "video": 2048, "document": 512}  # 768: what Ollama reserves for a picture
LETTERS = 6  # of one token in a word
PIECES = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<digits>\d{1,3})|(?P<space>\s+)"
    r"|(?P<cjk>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])"
    r"|(?P<letters>[^\W\d_A-Za-z]+)|(?P<sign>.)",
    re.DOTALL,
)


def estimate_text(text: str) -> int:
    """Tokens in plain text; for CJK about one a character."""
    return sum(_weight(piece.lastgroup, piece.end() - piece.start(), piece[0]) for piece in PIECES.finditer(text))


def estimate_prompt(request: ChatRequest) -> int:
    """Tokens of all messages, tools and media; base64 is never counted as text."""
    messages = sum(_message(message) for message in request.messages)
    return messages + sum(_tool(tool) for tool in request.tools) + PER_REPLY


def _message(message: Message) -> int:
    parts = sum(PER_MEDIA[part.kind] if isinstance(part, Media) else estimate_text(part) for part in message.parts)
    calls = sum(PER_TOOL + estimate_text(call.name + call.arguments) for call in message.tool_calls)
    return PER_MESSAGE + parts + calls + estimate_text(message.thinking)


def _tool(tool: Tool) -> int:
    return PER_TOOL + estimate_text(
        f"{tool.name} {tool.description} {json.dumps(dict(tool.parameters), ensure_ascii=False)}"
    )


def _weight(kind: str | None, length: int, piece: str) -> int:
    if kind == "word":
        return 1 + (length - 1) // LETTERS
    if kind == "space":
        return 1 if "\n" in piece else (length - 1) // 8  # one blank belongs to the word after it
    if kind == "letters":
        return 1 + (length - 1) // 3  # Cyrillic, Greek, Arabic, accented words
    return 1
