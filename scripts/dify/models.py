"""A provider's models in Dify: the whole state in one call, and the few calls that change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.dify.session import DifySession

PROVIDERS = "/workspaces/current/model-providers"
NAME_LENGTH = 30  # characters of a credential's name


@dataclass(frozen=True, slots=True)
class Credential:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model Dify knows, with the credentials it was added with."""

    name: str
    type: str
    credentials: tuple[Credential, ...]
    current: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """What Dify knows of one provider."""

    id: str
    types: tuple[str, ...]
    models: tuple[Model, ...]


class Models:
    """The models of one provider."""

    def __init__(self, dify: DifySession, provider: str) -> None:
        self._dify = dify
        self.provider = provider
        self._path = f"{PROVIDERS}/{provider}/models"

    def state(self) -> Provider | None:
        """Everything in one call; `None` when the plugin is not installed."""
        listed = self._dify.get(PROVIDERS)["data"]
        mine = next((each for each in listed if each["provider"] == self.provider), None)
        if mine is None:
            return None
        configured = mine["custom_configuration"]
        known = [*(configured.get("custom_models") or ()), *(configured.get("can_added_models") or ())]
        models = {(each["model"], each["model_type"]): _model(each) for each in reversed(known)}
        return Provider(self.provider, tuple(mine["supported_model_types"]), tuple(models.values()))

    def read(self, model: str, model_type: str, credential_id: str) -> dict[str, Any]:
        """A credential's values; secrets are masked."""
        params = {
            "model": model,
            "model_type": model_type,
            "config_from": "custom-model",
            "credential_id": credential_id,
        }
        return self._dify.get(f"{self._path}/credentials", params)["credentials"]

    def add(self, model: str, model_type: str, name: str, credentials: Mapping[str, str]) -> None:
        """The plugin looks at the model first: a `Refused` carries its words."""
        body = {"model": model, "model_type": model_type, "name": name, "credentials": dict(credentials)}
        self._dify.post(f"{self._path}/credentials", body)

    def change(self, model: str, model_type: str, credential: Credential, credentials: Mapping[str, str]) -> None:
        body = {"model": model, "model_type": model_type, "credential_id": credential.id, "name": credential.name}
        self._dify.call("PUT", f"{self._path}/credentials", json={**body, "credentials": dict(credentials)})

    def remove(self, model: str, model_type: str, credential_id: str) -> None:
        """The model goes with its last credential."""
        body = {"model": model, "model_type": model_type, "credential_id": credential_id}
        self._dify.call("DELETE", f"{self._path}/credentials", json=body)

    def use(self, model: str, model_type: str, credential_id: str) -> None:
        body = {"model": model, "model_type": model_type, "credential_id": credential_id}
        self._dify.post(f"{self._path}/credentials/switch", body)

    def default(self, model_type: str) -> str | None:
        """The workspace's default model of this type."""
        found = self._dify.get("/workspaces/current/default-model", {"model_type": model_type})["data"]
        return found["model"] if found else None

    def set_default(self, model_type: str, model: str) -> None:
        setting = {"model_type": model_type, "provider": self.provider, "model": model}
        self._dify.post("/workspaces/current/default-model", {"model_settings": [setting]})


def _model(listed: Mapping[str, Any]) -> Model:
    credentials = listed.get("available_model_credentials") or ()
    return Model(
        listed["model"],
        listed["model_type"],
        tuple(Credential(each["credential_id"], each["credential_name"]) for each in credentials),
        listed.get("current_credential_id"),
    )
