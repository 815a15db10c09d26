"""What Dify demands of the provider's YAML and its predefined models, beyond what the SDK's own models check."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from scripts.packaging.documents import Unreadable, at, listed, read_yaml
from scripts.packaging.manifest_rules import text_problems

MOST_FIELDS = 32
MOST_CONDITIONS = 16
LONGEST_DEFAULT = 255
MODEL_TYPE = "__model_type"  # Dify adds it to the model's form
FORMS = ("provider_credential_schema", "model_credential_schema")
CHOICES = ("select", "radio")
# The daemon refuses a package that names another; the SDK would ignore it.
TEMPLATES = (
    *("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "max_tokens"),
    *("response_format", "json_schema"),
)
# The SDK names the third-last part of the module in every error it reports, and fails with another error without one.
MODULE_DEPTH = 3


def provider_problems(files: Mapping[str, bytes], name: str) -> Iterator[str]:
    provider = read_yaml(files, name)
    yield from text_problems(name, provider)
    yield from _source_problems(files, name, provider)
    for form in FORMS:
        yield from (f"{name}: {form}: {problem}" for problem in form_problems(provider, form))
    models = list(_predefined(files, provider))
    if not models and "predefined-model" in listed(provider, "configurate_methods"):
        yield f"{name}: predefined-model is offered, but there is no predefined model"
    for model in models:
        yield from model_problems(files, model)


def form_problems(provider: Mapping[str, Any], form: str) -> Iterator[str]:
    fields = [field for field in listed(provider, f"{form}.credential_form_schemas") if isinstance(field, dict)]
    if not 0 < len(fields) <= MOST_FIELDS:
        yield f"has {len(fields)} fields, Dify takes 1 to {MOST_FIELDS}"
    known = [*(field.get("variable") for field in fields), *([MODEL_TYPE] if form == FORMS[1] else [])]
    for field in fields:
        yield from (f"{field.get('variable')}: {problem}" for problem in _field_problems(field, known))


def _field_problems(field: dict[str, Any], known: list[Any]) -> Iterator[str]:
    """Dify's forms carry strings only: any other value is refused or, worse, lost."""
    choices = [at(option, "value") for option in listed(field, "options")]
    if not all(isinstance(choice, str) and choice for choice in choices):
        yield f"an option's value must be a quoted text: {choices}"
    yield from _default_problems(field, choices)
    yield from _condition_problems(field, known)
    if field.get("type") in CHOICES and not choices:
        yield "has nothing to choose from"
    if field.get("type") == "switch":
        yield "must be a select: Dify loses a switch that is turned off"


def _default_problems(field: dict[str, Any], choices: list[Any]) -> Iterator[str]:
    default = field.get("default")
    if default is None:
        return
    if not isinstance(default, str) or len(default) > LONGEST_DEFAULT:
        yield f"the default must be a quoted text of at most {LONGEST_DEFAULT} characters, not {default!r}"
    elif choices and default not in choices:
        yield f"the default {default} is none of the options"


def _condition_problems(field: dict[str, Any], known: list[Any]) -> Iterator[str]:
    conditions = listed(field, "show_on")
    if len(conditions) > MOST_CONDITIONS:
        yield f"has more than {MOST_CONDITIONS} conditions"
    for condition in conditions:
        if at(condition, "variable") not in known:
            yield f"show_on names {at(condition, 'variable')!r}, which is no field of this form"
        if not isinstance(at(condition, "value"), str):
            yield f"show_on compares with {at(condition, 'value')!r}, which is not a quoted text"


def model_problems(files: Mapping[str, bytes], name: str) -> Iterator[str]:
    model = read_yaml(files, name)
    yield from text_problems(name, model)
    for rule in listed(model, "parameter_rules"):
        if at(rule, "use_template") not in (None, *TEMPLATES):
            yield f"{name}: {at(rule, 'name')}: there is no template {at(rule, 'use_template')!r}"
        if not all(isinstance(option, str) for option in listed(rule, "options")):
            yield f"{name}: {at(rule, 'name')}: options must be quoted texts: {listed(rule, 'options')}"


def _predefined(files: Mapping[str, bytes], provider: Mapping[str, Any]) -> Iterator[str]:
    kinds = at(provider, "models")
    for kind in kinds if isinstance(kinds, dict) else ():
        for pattern in listed(provider, f"models.{kind}.predefined"):
            yield from sorted(_found(files, pattern))


def _found(files: Mapping[str, bytes], pattern: Any) -> list[str]:
    """As the daemon's Go finds them: a star ends at a slash."""
    parts = PurePosixPath(str(pattern)).parts
    names = [name for name in files if len(PurePosixPath(name).parts) == len(parts)]
    found = [name for name in names if all(map(fnmatchcase, PurePosixPath(name).parts, parts))]
    if not found:
        raise Unreadable(f"no file of the package is like {pattern}")
    return [name for name in found if not name.endswith("_position.yaml")]


def _source_problems(files: Mapping[str, bytes], name: str, provider: Mapping[str, Any]) -> Iterator[str]:
    models = listed(provider, "extra.python.model_sources")
    for source in [at(provider, "extra.python.provider_source"), *models]:
        if str(source) not in files:
            yield f"{name}: the entry file {source} is not in the package"
    for source in models:
        if len(PurePosixPath(str(source)).parts) < MODULE_DEPTH:
            yield f"{name}: {source} must lie two folders deep, or the SDK cannot report its errors"
