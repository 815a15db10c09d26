"""What Dify does with a filled-in form before a plugin sees it, and how it tells of forms."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.dify_answers import in_two_languages, invalid

type Field = Mapping[str, Any]


def checked(fields: Sequence[Field], values: Mapping[str, Any], model_type: str = "") -> dict[str, Any]:
    """Strings only, defaults filled in, what is not in the form dropped. Raises `Refusal`."""
    known = {**values, "__model_type": model_type}
    result: dict[str, Any] = {}
    for field in fields:
        shown = all(known.get(each["variable"]) == each["value"] for each in field.get("show_on", ()))
        value = _value(field, values.get(field["variable"])) if shown else None
        if value is not None:
            result[field["variable"]] = value
    return result


def secrets(fields: Sequence[Field]) -> list[str]:
    return [field["variable"] for field in fields if field["type"] == "secret-input"]


def schema(form: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if form is None:
        return None
    head = {name: in_two_languages(text) for name, text in form["model"].items()} if "model" in form else None
    fields = [_told(field) for field in form["credential_form_schemas"]]
    return {**({"model": head} if head else {}), "credential_form_schemas": fields}


def _value(field: Field, given: Any) -> str | None:
    name = field["variable"]
    if given in (None, ""):
        if field.get("required", True):
            raise invalid(f"Variable {name} is required")
        return field.get("default")
    if not isinstance(given, str):
        raise invalid(f"Variable {name} should be string")
    if field["type"] == "select" and given not in [option["value"] for option in field["options"]]:
        raise invalid(f"Variable {name} is not in options")
    return given


def _told(field: Field) -> dict[str, Any]:
    return {
        "variable": field["variable"],
        "label": in_two_languages(field["label"]),
        "type": field["type"],
        "required": field.get("required", True),
        "default": field.get("default"),
        "options": [_option(each) for each in field["options"]] if field.get("options") else None,
        "placeholder": in_two_languages(field.get("placeholder")),
        "max_length": field.get("max_length", 0),
        "show_on": list(field.get("show_on", ())),
    }


def _option(option: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": in_two_languages(option["label"]), "value": option["value"], "show_on": []}
