"""Is this a JSON schema a grammar can be made of? Said before the call, in words."""

import json
from collections.abc import Mapping
from typing import Any

from provider.core.errors import Rejected

TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}
SCHEMA_KEYS = {"type", "properties", "$ref", "anyOf", "oneOf", "allOf", "enum", "const", "items", "$defs", "required"}
CHILD_MAPS = ("properties", "$defs", "definitions", "patternProperties")
CHILD_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
CHILDREN = ("items", "additionalProperties", "not", "contains")


def read_schema(given: object) -> Mapping[str, Any] | None:
    """Dify's two shapes, the bare schema and `{"name", "schema"}`, as text or as an object.

    Raises:
        Rejected: it is not a JSON schema; says where.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    schema = _parsed(given) if isinstance(given, str) else given
    if not isinstance(schema, Mapping):
        raise Rejected(f"json_schema must be a JSON object, not {type(schema).__name__}")
    if "schema" in schema and not SCHEMA_KEYS & schema.keys():
        return read_schema(schema["schema"])
    _check(schema, "json_schema")
    return schema


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected(f"json_schema is not valid JSON: {error}") from error


def _check(schema: object, where: str) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        raise Rejected(f"{where} must be an object, not {json.dumps(schema, default=str)[:80]}")
    _check_type(schema.get("type"), where)
    _check_required(schema, where)
    for key in CHILD_MAPS:
        for name, child in _mapping(schema, key, where).items():
            _check(child, f"{where}.{key}.{name}")
    for key in CHILD_LISTS:
        for at, child in enumerate(_list(schema, key, where)):
            _check(child, f"{where}.{key}[{at}]")
    for key in CHILDREN:
        if key in schema and not isinstance(schema[key], list):
            _check(schema[key], f"{where}.{key}")


def _check_type(type_: object, where: str) -> None:
    for name in type_ if isinstance(type_, list) else [type_]:
        if name is not None and (not isinstance(name, str) or name not in TYPES):
            raise Rejected(
                f"{where}.type is {json.dumps(name, default=str)}; JSON schema knows {', '.join(sorted(TYPES))}"
            )


def _check_required(schema: Mapping[str, Any], where: str) -> None:
    required = _list(schema, "required", where)
    if not all(isinstance(name, str) for name in required):
        raise Rejected(f"{where}.required must list property names")
    if "enum" in schema and not _list(schema, "enum", where):
        raise Rejected(f"{where}.enum is empty: no value could match")
    if isinstance(reference := schema.get("$ref"), str) and not reference.startswith("#"):
        raise Rejected(f"{where}.$ref points outside of the schema ({reference}); only #/… works")


def _mapping(schema: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = schema.get(key, {})
    if not isinstance(value, Mapping):
        raise Rejected(f"{where}.{key} must be an object")
    return value


def _list(schema: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = schema.get(key, [])
    if not isinstance(value, list):
        raise Rejected(f"{where}.{key} must be a list")
    return value
