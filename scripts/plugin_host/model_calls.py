"""Dify's requests to a model plugin, as methods."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypedDict, Unpack

from scripts.plugin_host.errors import NoReply

PROVIDER = "local_models"

type Json = Mapping[str, Any]


class LlmOptions(TypedDict, total=False):
    parameters: Json
    tools: Sequence[Json] | None
    stop: Sequence[str] | None
    stream: bool
    timeout: float


class ModelCalls(ABC):
    @abstractmethod
    def invoke(self, action: str, data: Json, timeout: float = 600) -> Generator[dict[str, Any]]: ...

    def one(self, action: str, data: Json, timeout: float = 600) -> dict[str, Any]:
        """The only message of the answer (the last, if there are several)."""
        replies = list(self.invoke(action, data, timeout))
        if not replies:
            raise NoReply(f"the plugin gave no reply to {action}; does it know it?")
        return replies[-1]

    def invoke_llm(
        self, model: str, credentials: Json, messages: Sequence[Json], **options: Unpack[LlmOptions]
    ) -> Generator[dict[str, Any]]:
        """The chunks of the answer; without `stream` it is one."""
        timeout = options.get("timeout", 600)
        return self.invoke("invoke_llm", llm_request(model, credentials, messages, **options), timeout)

    def validate_provider(self, credentials: Json) -> dict[str, Any]:
        """The credentials as Dify would store them: the plugin may have added to them."""
        reply = self.one("validate_provider_credentials", {"provider": PROVIDER, "credentials": credentials})
        return reply["credentials"]

    def validate_model(self, model: str, credentials: Json, model_type: str = "llm") -> dict[str, Any]:
        """The credentials as Dify would store them."""
        return self.one("validate_model_credentials", _model(model, credentials, model_type))["credentials"]

    def schema(self, model: str, credentials: Json, model_type: str = "llm") -> dict[str, Any] | None:
        return self.one("get_ai_model_schemas", _model(model, credentials, model_type))["model_schema"]

    def num_tokens(
        self, model: str, credentials: Json, messages: Sequence[Json], tools: Sequence[Json] | None = None
    ) -> int:
        data = {**_model(model, credentials, "llm"), "prompt_messages": list(messages), "tools": tools}
        return self.one("get_llm_num_tokens", data)["num_tokens"]


def llm_request(
    model: str, credentials: Json, messages: Sequence[Json], **options: Unpack[LlmOptions]
) -> dict[str, Any]:
    """The data of `invoke_llm`, as Dify sends them."""
    return {
        **_model(model, credentials, "llm"),
        "prompt_messages": list(messages),
        "model_parameters": options.get("parameters", {}),
        "tools": options.get("tools"),  # these two are always there, if only as null
        "stop": options.get("stop"),
        "stream": options.get("stream", True),
    }


def _model(model: str, credentials: Json, model_type: str) -> dict[str, Any]:
    return {"provider": PROVIDER, "model_type": model_type, "model": model, "credentials": credentials}
