"""How Dify words its answers: refusals, masked secrets, and the headers every answer has."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tests.servers.exchange import Response

VERSION = "1.12.1"
_ids = itertools.count(1)


class Refusal(Exception):
    """Ends the handling of a request with this answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def refusal(status: int, code: str, message: str) -> Refusal:
    return Refusal(Response.of_json({"code": code, "message": message, "status": status}, status))


def invalid(message: str) -> Refusal:
    return refusal(400, "invalid_param", message)


def internal_error() -> Refusal:
    body = {"message": "Internal Server Error", "code": "unknown", "status": 500}
    return Refusal(Response.of_json(body, 500))


def done(value: Any = None, status: int = 200) -> Response:
    return Response.of_json({"result": "success"} if value is None else value, status)


def nothing() -> Response:
    return Response(204)


def new_id() -> str:
    return str(UUID(int=(0x01A1FB83 << 96) + next(_ids)))


def masked(values: Mapping[str, Any], secrets: Sequence[str]) -> dict[str, Any]:
    return {key: mask(value) if key in secrets and value else value for key, value in values.items()}


def mask(secret: str) -> str:
    return "*" * 20 if len(secret) <= 8 else f"{secret[:6]}{'*' * 12}{secret[-2:]}"


def in_two_languages(text: Mapping[str, str] | None) -> dict[str, str] | None:
    return {"zh_Hans": text.get("zh_Hans", text["en_US"]), "en_US": text["en_US"]} if text else None
