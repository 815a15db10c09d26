"""The rules for every action but `invoke_llm`: each answers with one message."""

from collections.abc import Callable, Iterator
from types import UnionType
from typing import Any

from scripts.plugin_host.schema_rules import schema_violations

type Check = Callable[[dict[str, Any]], Iterator[str]]

EMBEDDING_USAGE = ("tokens", "total_tokens", "unit_price", "price_unit", "total_price", "currency", "latency")


class ReplyRules:
    def __init__(self, check: Check | None, *, many: bool = False) -> None:
        self._check, self._many, self._replies = check, many, 0

    def take(self, reply: Any) -> list[str]:
        self._replies += 1
        if not isinstance(reply, dict):
            return ["a reply that is no object"]
        second = self._replies > 1 and not self._many
        return [*(["a second reply"] if second else []), *(self._check(reply) if self._check else [])]

    def end(self) -> list[str]:
        return [] if self._replies or not self._check else ["no reply"]


def _validated(reply: dict[str, Any]) -> Iterator[str]:
    if not isinstance(reply.get("result"), bool):
        yield "result is no boolean"
    if not isinstance(reply.get("credentials"), dict):
        yield "credentials is no object"  # Dify stores them


def _schema(reply: dict[str, Any]) -> Iterator[str]:
    if reply.get("model_schema") is not None:
        yield from schema_violations(reply["model_schema"])


def _token_count(reply: dict[str, Any]) -> Iterator[str]:
    if not _is_number(reply.get("num_tokens"), int):
        yield "num_tokens is no integer"


def _token_counts(reply: dict[str, Any]) -> Iterator[str]:
    counts = reply.get("num_tokens")
    if not isinstance(counts, list) or not all(_is_number(count, int) for count in counts):
        yield "num_tokens is no list of integers"


def _embeddings(reply: dict[str, Any]) -> Iterator[str]:
    yield from _model(reply)
    vectors = reply.get("embeddings")
    if not isinstance(vectors, list) or not all(isinstance(vector, list) for vector in vectors):
        yield "embeddings is no list of vectors"
    elif not all(_is_number(number) for vector in vectors for number in vector):
        yield "a vector with something else than numbers; NaN becomes null, and null becomes 0"
    usage = reply.get("usage") if isinstance(reply.get("usage"), dict) else {}
    if missing := [name for name in EMBEDDING_USAGE if (usage or {}).get(name) is None]:
        yield f"usage without {', '.join(missing)}"


def _rerank(reply: dict[str, Any]) -> Iterator[str]:
    yield from _model(reply)
    documents = reply.get("docs")
    if not isinstance(documents, list):
        yield "docs is no list"
        return
    for document in documents:
        yield from _document(document if isinstance(document, dict) else {})


def _document(document: dict[str, Any]) -> Iterator[str]:
    if not _is_number(document.get("index"), int):
        yield "a document without an index"
    if not isinstance(document.get("text"), str):
        yield "a document without a text"
    if not _is_number(document.get("score")):
        yield "a document without a score; NaN becomes null"


def _text(reply: dict[str, Any]) -> Iterator[str]:
    if not isinstance(reply.get("result"), str):
        yield "result is no string"


def _speech(reply: dict[str, Any]) -> Iterator[str]:
    try:
        bytes.fromhex(reply["result"])
    except (KeyError, TypeError, ValueError):
        yield "result is no sound in hexadecimal"


def _voices(reply: dict[str, Any]) -> Iterator[str]:
    voices = reply.get("voices")
    if not isinstance(voices, list) or not all(_is_voice(voice) for voice in voices):
        yield "voices is no list of names and values"


def _is_voice(voice: Any) -> bool:
    return isinstance(voice, dict) and all(voice.get(key) and isinstance(voice[key], str) for key in ("name", "value"))


def _moderation(reply: dict[str, Any]) -> Iterator[str]:
    if not isinstance(reply.get("result"), bool):
        yield "result is no boolean"


def _model(reply: dict[str, Any]) -> Iterator[str]:
    if not (isinstance(reply.get("model"), str) and reply["model"]):
        yield "model is empty"


def _is_number(value: Any, kind: type | UnionType = int | float) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


REPLY_RULES: dict[str, Check] = {
    "validate_provider_credentials": _validated,
    "validate_model_credentials": _validated,
    "get_ai_model_schemas": _schema,
    "get_llm_num_tokens": _token_count,
    "get_text_embedding_num_tokens": _token_counts,
    "invoke_text_embedding": _embeddings,
    "invoke_multimodal_embedding": _embeddings,
    "invoke_rerank": _rerank,
    "invoke_multimodal_rerank": _rerank,
    "invoke_speech2text": _text,
    "invoke_tts": _speech,
    "get_tts_model_voices": _voices,
    "invoke_moderation": _moderation,
}
