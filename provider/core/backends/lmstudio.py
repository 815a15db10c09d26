"""LM Studio: OpenAI's routes for chat, its own for what it knows of its models."""

from provider.core import errors
from provider.core.backends.openai import OpenAICompatible
from provider.core.capabilities.lmstudio import read_v0, read_v1
from provider.core.model_info import ModelInfo
from provider.core.tasks import Task, suits
from provider.core.wire.openai_request import Dialect


class LMStudio(OpenAICompatible):
    kind = "lmstudio"
    label = "LM Studio"
    how_to_start = "lms server start (in LM Studio: Developer → Start server, “Serve on Local Network” on)"

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, json_object=False)

    def models(self) -> list[ModelInfo]:
        """Unknown paths answer 200 with an error text, so only the shape of an answer counts."""
        newer = self.http.get("/api/v1/models").json()
        if isinstance(newer, dict) and isinstance(newer.get("models"), list):
            return [read_v1(model) for model in newer["models"]]
        older = self.http.get("/api/v0/models").json()
        if isinstance(older, dict) and isinstance(older.get("data"), list):
            return [read_v0(model) for model in older["data"]]
        return [ModelInfo(entry["id"], self.kind) for entry in self.entries()]

    def names(self) -> list[str]:
        return [model.name for model in self.models()]

    def describe(self, model: str) -> ModelInfo:
        models = self.models()
        info = next((each for each in models if each.name == model), None)
        if info is None:
            raise self.missing(model, [each.name for each in models])
        return info

    def pick(self, task: Task = "chat") -> str:
        able = [model for model in self.models() if suits(model, task)]
        if not able:
            raise errors.ModelMissing(f"LM Studio at {self.url} has no model for {task}. Get one: lms get")
        return next((model.name for model in able if model.loaded), able[0].name)

    def how_to_get(self, model: str) -> str:
        return f"Get it: lms get {model}"
