"""Typed readers for form values: Dify stores strings, and forgets switches that are off."""

import json
import re
from collections.abc import Mapping
from typing import Any

from provider.core.errors import BadSetting

PROTECTED = frozenset({"model", "messages", "prompt", "stream", "stream_options", "tools"})
FRAMING = ("content-length", "transfer-encoding")  # say where a request ends, which only who sends it knows
LONGEST_WAIT = 1e6  # seconds; sockets take no more than some years
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def text(form: Mapping[str, Any], name: str, default: str = "") -> str:
    value = form.get(name)
    return default if value is None else str(value).strip() or default


def flag(form: Mapping[str, Any], name: str) -> bool | None:
    """Yes, no, or `None` for "detected"."""
    value = text(form, name).lower()
    return {"true": True, "false": False, "1": True, "0": False}.get(value)


def seconds(form: Mapping[str, Any], name: str, default: float) -> float:
    """A positive number of seconds."""
    given = text(form, name)
    try:
        value = float(given or default)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise BadSetting(f"{name} must be a positive number of seconds, not “{given}”")
    return min(value, LONGEST_WAIT)


def whole(form: Mapping[str, Any], name: str) -> int | None:
    """A positive whole number, or `None` when nothing was typed; 8192, 8k and 8,192 are the same."""
    given = text(form, name).lower().replace(",", "").replace("_", "").replace(" ", "")
    if not given or given in ("detected", "auto"):
        return None
    found = re.fullmatch(r"(\d{1,12})(k?)", given)
    if not found or not int(found[1]):
        raise BadSetting(f"{name} must be a whole number of tokens such as 8192, not “{text(form, name)}”")
    return int(found[1]) * (1024 if found[2] else 1)


def choice(form: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """One of `allowed`; the first is the default."""
    value = text(form, name, allowed[0]).lower()
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}, not “{value}”")
    return value


def headers(form: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    """A JSON object, or `Name: value` lines. The error never repeats a value: it may be a secret."""
    given = text(form, name)
    if not given:
        return ()
    pairs = _json_headers(given, name) if given.startswith("{") else _header_lines(given, name)
    for key, value in pairs:
        if not HEADER_NAME.fullmatch(key) or key.lower() in FRAMING:
            raise BadSetting(f"{name}: “{key[:40]}” is not a valid header; write Name: value, or a JSON object")
        check_value(value, f"{name}: the value of {key[:40]}")
    return tuple(pairs)


def check_value(value: str, what: str) -> None:
    """Raises `BadSetting` for what no header can carry; it names the character, never the value, which may be a key."""
    for sign in value:
        if ord(sign) < 32 or ord(sign) == 127:  # noqa: PLR2004 - control characters
            raise BadSetting(f"{what} contains a line break or another control character: paste it again")
        if ord(sign) > 255:  # noqa: PLR2004 - Latin-1, the letters of a header
            raise BadSetting(
                f"{what} contains the character U+{ord(sign):04X}, which no header can carry: paste it again"
            )


def extra_body(form: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A JSON object for every request, without the fields that are the plugin's own."""
    given = text(form, name)
    if not given:
        return {}
    try:
        value = json.loads(given)
    except (ValueError, RecursionError) as error:
        raise BadSetting(f"{name} is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadSetting(f'{name} must be a JSON object, such as {{"top_k": 20}}')
    if taken := sorted(PROTECTED & value.keys()):
        raise BadSetting(f"{name} may not set {', '.join(taken)}: the plugin fills that in")
    return value


def _json_headers(given: str, name: str) -> list[tuple[str, str]]:
    try:
        value = json.loads(given)
    except (ValueError, RecursionError) as error:
        place = f" (at character {error.pos})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadSetting(f"{name} begins like JSON but does not parse{place}") from error
    return [(str(key), str(each)) for key, each in value.items()]


def _header_lines(given: str, name: str) -> list[tuple[str, str]]:
    lines = [line for line in given.replace("\\n", "\n").splitlines() if line.strip()]
    if not all(":" in line for line in lines):
        raise BadSetting(f"{name}: write one “Name: value” a line, or a JSON object")
    return [(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in lines)]
