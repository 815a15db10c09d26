"""LM Studio: OpenAI's routes for chat, its own for what it knows of its models."""

from collections.abc import Generator
from typing import Any

from provider.core import errors
from provider.core.backends.openai import OpenAICompatible
from provider.core.capabilities.lmstudio import names_of, read_v0, read_v1
from provider.core.catalog import Memory
from provider.core.chat import ChatRequest, Event
from provider.core.model_info import ModelInfo
from provider.core.wire.failure import Failure
from provider.core.wire.openai_request import Dialect
from provider.core.wire.shapes import objects

JUST_IN_TIME = "“Just-in-Time Model Loading” (Developer → Server Settings)"

_offers = Memory()


class LMStudio(OpenAICompatible):
    kind = "lmstudio"
    label = "LM Studio"
    how_to_start = "lms server start (in LM Studio: Developer → Start server, “Serve on Local Network” on)"
    wants_bytes = True

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, json_object=False)

    def models(self) -> list[ModelInfo]:
        newer = self._newer()
        return self._older() if newer is None else [read_v1(model) for model in newer]

    def names(self) -> list[str]:
        return [model.name for model in self.models()]

    def offers(self) -> tuple[str, ...]:
        """Instances and variants have names of their own."""
        newer = self._newer()
        if newer is None:
            return tuple(model.name for model in self._older())
        return tuple(name for model in newer for name in names_of(model))

    def describe(self, model: str) -> ModelInfo:
        newer = self._newer()
        if newer is None:
            infos = {info.name: info for info in self._older()}
        else:
            infos = {name: read_v1(each, name) for each in newer for name in names_of(each)}
        if model not in infos:
            raise self.missing(model, self.names())
        return infos[model]

    def how_to_get(self, model: str) -> str:
        return f"Get it: lms get {model}. Load it: lms load {model}, or turn on {JUST_IN_TIME}."

    def chat(self, request: ChatRequest) -> Generator[Event]:
        """A name it does not know would be answered by another model that happens to be loaded."""
        self._refuse_unknown(request.model)
        return super().chat(request)

    def advice(self, error: type[errors.ServerError], failure: Failure, location: str = "") -> str:
        if error is errors.Loading:
            return f"It loads the model for the first request, which may take minutes; {JUST_IN_TIME} is on."
        return super().advice(error, failure, location)

    def _refuse_unknown(self, model: str) -> None:
        """The list is remembered for a minute; a name that is not on it may be new."""
        key = self.http.server
        try:
            if model in _offers.get(key, self.offers):
                return
            _offers.forget(key)
            if not (offered := _offers.get(key, self.offers)) or model in offered:
                return
            names = self.names()
        except errors.ServerError:
            return  # the answer will say what is wrong
        raise self.missing(model, names)

    def _newer(self) -> list[dict[str, Any]] | None:
        """Unknown paths answer 200 with an error text, so only the shape of an answer counts."""
        reply = self.http.get("/api/v1/models")
        if reply.status in (401, 403):  # a list without its key would be none at all
            self.checked(reply)
        value = reply.json()
        listed = value.get("models") if isinstance(value, dict) else None
        return objects(listed) if isinstance(listed, list) else None

    def _older(self) -> list[ModelInfo]:
        older = self.optional("/api/v0/models").get("data")
        if isinstance(older, list):
            return [read_v0(model) for model in objects(older)]
        return [ModelInfo(entry["id"], self.kind) for entry in self.entries()]
