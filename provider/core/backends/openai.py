"""Any server that speaks OpenAI's /v1; programs that do more, or do it otherwise, have a subclass."""

from typing import Any, ClassVar

from provider.core import errors
from provider.core.backends.base import Backend, Decoder
from provider.core.capabilities.openai import flavour_of, read_entry
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo
from provider.core.tasks import Task, suits
from provider.core.wire import openai, openai_request
from provider.core.wire.failure import Failure
from provider.core.wire.openai_request import Dialect
from provider.core.wire.shapes import objects

COUNTING = 2.0  # seconds; a count must never hold up the call it is for


class OpenAICompatible(Backend):
    kind = "openai"
    label = "The OpenAI-compatible server"
    how_to_start = "Start the server, then open its address with /v1/models in a browser."
    wants_bytes = False  # OpenAI's form has addresses, and vLLM and others fetch them
    program: ClassVar[str] = ""  # the flavour that a subclass is for
    thinking_field: ClassVar[str] = ""  # where it takes old thoughts

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, self.flavour, self.thinking_field)

    def entries(self) -> list[dict[str, Any]]:
        """The `data` of /v1/models, or a bare list; some servers send `null` for an empty one."""
        listed = self.checked(self.http.get("/v1/models"))
        entries = listed.get("data", listed) if isinstance(listed, dict) else listed
        if not isinstance(entries, list | None):
            raise errors.BadSetting(
                f"{self.url}/v1/models did not answer with a list of models. "
                "Check the server address and the kind of server."
            )
        return [entry for entry in objects(entries) if isinstance(entry.get("id"), str)]

    def names(self) -> list[str]:
        return [entry["id"] for entry in self.entries()]

    def entry(self, model: str) -> dict[str, Any]:
        """Raises `ModelMissing` with the names that exist."""
        entries = self.entries()
        entry = next((entry for entry in entries if self.is_same_model(entry["id"], model)), None)
        if entry is None:
            raise self.missing(model, [entry["id"] for entry in entries])
        return entry

    def read(self, entry: dict[str, Any]) -> ModelInfo:
        """Facts about a listed model; a subclass may ask for more."""
        return read_entry(entry, self.flavour or flavour_of([entry]))

    def models(self) -> list[ModelInfo]:
        return [self.read(entry) for entry in self.entries()]

    def describe(self, model: str) -> ModelInfo:
        return self.read(self.entry(model))

    def pick(self, task: Task = "chat") -> str:
        models = self.models()
        able = [model for model in models if suits(model, task)]
        if not able:
            none = f"no model for {task}" if models else "no models"
            raise errors.ModelMissing(f"{self.label} at {self.url} has {none}. {self.how_to_start}")
        return next((model.name for model in able if model.loaded), able[0].name)

    def how_to_get(self, model: str) -> str:
        return f"Start the server with {model}, or use one of the names above."

    def encode(self, request: ChatRequest) -> tuple[str, dict[str, Any]]:
        if request.completion:
            return "/v1/completions", openai_request.encode_completion(request, self.dialect)
        return "/v1/chat/completions", openai_request.encode_chat(request, self.dialect)

    def decoder(self) -> Decoder:
        return openai.Decoder()

    def relaxed(self, body: dict[str, Any], failure: Failure) -> dict[str, Any] | None:
        """Older servers refuse to be asked for the usage; the answer matters more."""
        if "stream_options" in body and "stream_options" in failure.words:
            return {name: value for name, value in body.items() if name != "stream_options"}
        return None

    def optional(self, path: str) -> dict[str, Any]:
        """An object that not every version gives; empty when this one does not."""
        reply = self.http.get(path)
        value = reply.json() if reply.ok else None
        return value if isinstance(value, dict) else {}

    def counted(self, path: str, body: dict[str, Any], field: str) -> int | None:
        """A number the server counts for us, if it does so quickly."""
        try:
            reply = self.http.post(path, body, COUNTING)
        except errors.ServerError:
            return None
        counted = reply.json() if reply.ok else None
        return counted.get(field) if isinstance(counted, dict) else None
