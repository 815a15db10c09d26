"""The rules for a model's schema: breaking one takes the model out of Dify's lists without a word."""

from collections.abc import Iterator
from typing import Any

MODEL_TYPES = (
    *("llm", "text-embedding", "rerank", "speech2text", "moderation", "tts", "text2img"),
    *("multimodal-embedding", "multimodal-rerank"),
)
FETCH_FROM = (None, "", "predefined-model", "customizable-model")
PARAMETER_TYPES = ("float", "int", "string", "boolean", "text")
TEMPLATES = (
    *("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty"),
    *("max_tokens", "response_format", "json_schema"),
)
SHORT, LONG = 256, 1024  # strings must have fewer bytes
MOST_RULES = 128


def schema_violations(schema: Any) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield "model_schema is no object"
        return
    if not _is_short(schema.get("model")):
        yield "schema.model is no text of 1 to 255 characters"
    if not _is_label(schema.get("label")):
        yield "schema.label has no en_US"
    if schema.get("model_type") not in MODEL_TYPES:
        yield f"schema.model_type is {schema.get('model_type')!r}"
    if schema.get("fetch_from") not in FETCH_FROM:
        yield f"schema.fetch_from is {schema.get('fetch_from')!r}"
    if not all(_is_short(feature) for feature in schema.get("features") or []):
        yield "schema.features has something else than short names"
    yield from _rules(schema.get("parameter_rules") or [])


def _rules(rules: Any) -> Iterator[str]:
    if not isinstance(rules, list) or len(rules) > MOST_RULES or not all(isinstance(rule, dict) for rule in rules):
        yield f"schema.parameter_rules is no list of at most {MOST_RULES} objects"
        return
    for rule in rules:
        yield from (f"parameter {rule.get('name')!r}: {broken}" for broken in _rule(rule))


def _rule(rule: dict[str, Any]) -> Iterator[str]:
    template = rule.get("use_template")
    if not _is_short(rule.get("name")):
        yield "the name is no text of 1 to 255 characters"
    if template and template not in TEMPLATES:
        yield f"there is no template {template!r}"
    if rule.get("type") not in (*PARAMETER_TYPES, None) or (template is None and not rule.get("type")):
        yield f"the type is {rule.get('type')!r}"
    if rule.get("label") and not _is_label(rule["label"]):
        yield "the label has no en_US"
    if not isinstance(rule.get("default"), str | bool | int | float | None):
        yield "the default is no simple value"
    if not all(_is_short(option) or option == "" for option in rule.get("options") or []):
        yield "an option is no short text"


def _is_label(label: Any) -> bool:
    texts = label if isinstance(label, dict) else {}
    return bool(texts.get("en_US")) and all(text is None or len(text) < LONG for text in texts.values())


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) < SHORT
