"""A provider's models in Dify: the whole state in one call, and the few calls that change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.dify.errors import Refused
from scripts.dify.session import DifySession

PROVIDERS = "/workspaces/current/model-providers"
DEFAULT = "/workspaces/current/default-model"
NAME_LENGTH = 30  # characters of a credential's name
MODEL_LENGTH = 255  # characters of a model's name, in Dify's database


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
    is_listed: bool = True  # somebody may have taken it off the list; its credentials stay


@dataclass(frozen=True, slots=True)
class Provider:
    """What Dify knows of one provider. `forms` are the credentials of its own form, `fields` the form's."""

    id: str
    types: tuple[str, ...]
    models: tuple[Model, ...]
    forms: tuple[Credential, ...] = ()
    current_form: str | None = None
    fields: Mapping[str, str] | None = None  # name → type, such as secret-input
    model_fields: Mapping[str, str] | None = None
    packages: tuple[str, ...] = ()  # that are installed, with version and checksum; another call tells them


@dataclass(frozen=True, slots=True)
class Default:
    """The workspace's default model of one type."""

    provider: str
    model: str


class Models:
    """The models of one provider."""

    def __init__(self, dify: DifySession, provider: str) -> None:
        self._dify = dify
        self.provider = provider
        self._path = f"{PROVIDERS}/{provider}/models"

    def state(self) -> Provider | None:
        """Everything in one call; `None` when the plugin is not installed.

        Raises:
            Refused: this Dify is too old to keep credentials with names.
        """
        listed = self._dify.get(PROVIDERS)["data"]
        mine = next((each for each in listed if each["provider"] == self.provider), None)
        if mine is None:
            return None
        configured = mine["custom_configuration"]
        if "custom_models" not in configured:
            fix = "update Dify to 1.8 or newer, which keeps named credentials for each model"
            raise Refused(f"this Dify ({self._dify.version or 'of unknown version'}) is too old", fix)
        forms = configured.get("available_credentials") or ()
        return Provider(
            self.provider,
            tuple(mine["supported_model_types"]),
            tuple(map(_model, configured["custom_models"] or ())),
            tuple(map(_credential, forms)),
            configured.get("current_credential_id"),
            _fields(mine.get("provider_credential_schema")),
            _fields(mine.get("model_credential_schema")),
        )

    def active(self) -> set[tuple[str, str]]:
        """Name and type of the models that Dify offers for choice."""
        listed = self._dify.get(self._path)["data"]
        return {(each["model"], each["model_type"]) for each in listed if each["status"] == "active"}

    def check(self, model: str, model_type: str, credentials: Mapping[str, str]) -> str:
        """What the plugin says about credentials that are not saved; empty when they are right."""
        body = {"model": model, "model_type": model_type, "credentials": dict(credentials)}
        reply = self._dify.post(f"{self._path}/credentials/validate", body)
        return "" if reply["result"] == "success" else str(reply.get("error") or "refused")

    def add(self, model: str, model_type: str, name: str, credentials: Mapping[str, str]) -> None:
        """The plugin looks at the model first: a `Refused` carries its words."""
        body = {"model": model, "model_type": model_type, "name": name, "credentials": dict(credentials)}
        self._dify.post(f"{self._path}/credentials", body)

    def change(self, model: str, model_type: str, credential: Credential, credentials: Mapping[str, str]) -> None:
        """Also renames it; the plugin looks at the model again."""
        body = {"model": model, "model_type": model_type, "credential_id": credential.id, "name": credential.name}
        self._dify.call("PUT", f"{self._path}/credentials", json={**body, "credentials": dict(credentials)})

    def remove(self, model: str, model_type: str, credential_id: str) -> None:
        """The model goes with its last credential."""
        body = {"model": model, "model_type": model_type, "credential_id": credential_id}
        self._dify.call("DELETE", f"{self._path}/credentials", json=body)

    def default(self, model_type: str) -> Default | None:
        """The workspace's default; Dify chooses one by itself when it is asked and has a model."""
        found = self._dify.get(DEFAULT, {"model_type": model_type})["data"]
        return Default(found["provider"]["provider"], found["model"]) if found else None

    def set_default(self, model_type: str, model: str) -> None:
        setting = {"model_type": model_type, "provider": self.provider, "model": model}
        self._dify.post(DEFAULT, {"model_settings": [setting]})


def _model(listed: Mapping[str, Any]) -> Model:
    return Model(
        listed["model"],
        listed["model_type"],
        tuple(map(_credential, listed.get("available_model_credentials") or ())),
        listed.get("current_credential_id"),
        not listed.get("unadded_to_model_list"),
    )


def _credential(listed: Mapping[str, Any]) -> Credential:
    return Credential(listed["credential_id"], listed["credential_name"])


def _fields(schema: Mapping[str, Any] | None) -> dict[str, str]:
    return {each["variable"]: each["type"] for each in (schema or {}).get("credential_form_schemas") or ()}
