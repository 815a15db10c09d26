"""What callers send, read as strictly as Dify reads it; its messages are pydantic's."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ValidationError, field_validator

from local_dify.service import problems
from local_dify.service.dsl import App

type Mode = Literal["blocking", "streaming"]

TEXTS = ("text-input", "paragraph")
NO_FILES = "the local Dify app does not hand files to a workflow"


class WorkflowRunPayload(BaseModel):
    inputs: dict[str, Any]
    files: list[dict[str, Any]] | None = None
    response_mode: Mode | None = None


class CompletionRequestPayload(BaseModel):
    inputs: dict[str, Any]
    query: str = ""
    files: list[dict[str, Any]] | None = None
    response_mode: Mode | None = None


class ChatRequestPayload(BaseModel):
    inputs: dict[str, Any]
    query: str
    files: list[dict[str, Any]] | None = None
    response_mode: Mode | None = None
    conversation_id: str | None = None
    auto_generate_name: bool = True  # there is no other model call here, and no second of sleep

    @field_validator("conversation_id", mode="before")
    @classmethod
    def _a_uuid_or_nothing(cls, value: Any) -> str | None:
        if not isinstance(value, str) or not value.strip():
            return None
        try:
            return str(uuid.UUID(value))
        except ValueError:
            raise ValueError("conversation_id must be a valid UUID") from None


def body(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except ValueError:
        raise problems.bad_request() from None
    if not isinstance(content, dict):
        raise problems.bad_request()
    return content


def user(content: Mapping[str, Any]) -> str:
    if not (name := content.get("user")):
        raise problems.invalid("Arg user must be provided.")
    return str(name)


def read[Payload: BaseModel](kind: type[Payload], content: Mapping[str, Any]) -> Payload:
    try:
        payload = kind.model_validate({name: value for name, value in content.items() if value is not None})
    except ValidationError as error:
        raise problems.invalid(str(error)) from None
    if getattr(payload, "files", None):
        raise problems.invalid(NO_FILES)
    return payload


def inputs(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """The app's variables with what was given for them; what the app does not ask for is dropped, as in Dify."""
    return {variable["variable"]: _input(variable, given.get(variable["variable"])) for variable in app.inputs}


def _input(variable: Mapping[str, Any], value: Any) -> Any:
    name, kind = variable["variable"], variable["type"]
    if value is None or value == "":
        if variable.get("required"):
            raise problems.invalid(f"{name} is required in input form")
        return variable.get("default") or None
    if kind in ("file", "file-list"):
        raise problems.invalid(NO_FILES)
    if kind == "number":
        return _number(name, value)
    if kind in (*TEXTS, "select"):
        return _text(variable, value)
    return value


def _number(name: str, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problems.invalid(f"{name} in input form must be a valid number")
    try:
        return value if not isinstance(value, str) else float(value) if "." in value else int(value)
    except ValueError:
        raise problems.invalid(f"{name} in input form must be a valid number") from None


def _text(variable: Mapping[str, Any], value: Any) -> str:
    name = variable["variable"]
    if not isinstance(value, str):
        raise problems.invalid(f"{name} in input form must be a string")
    options, most = variable.get("options"), variable.get("max_length")
    if variable["type"] == "select" and value not in (options or []):
        raise problems.invalid(f"{name} in input form must be one of the following: {options}")
    if variable["type"] in TEXTS and most and len(value) > most:
        raise problems.invalid(f"{name} in input form must be less than {most} characters")
    return value
