"""The routes of model providers: the list, models' credentials, provider's forms, defaults."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.dify_answers import done, in_two_languages, invalid, masked, nothing
from tests.servers.dify_forms import checked, schema, secrets
from tests.servers.dify_plugins import Package
from tests.servers.dify_sessions import WORKSPACE
from tests.servers.dify_state import Entry, PluginRefusal, State
from tests.servers.exchange import Request, Response

FORM, MODEL_FORM = "provider_credential_schema", "model_credential_schema"


class ModelRoutes:
    """Models and their credentials."""

    def __init__(self, state: State) -> None:
        self.state = state

    def listed(self, request: Request) -> Response:
        return done({"data": [_provider(self.state, name, package) for name, package in self.state.providers()]})

    def models(self, request: Request, provider: str) -> Response:
        declared = dict(self.state.providers()).get(provider)
        if declared is None:
            return done({"data": []})
        types = declared.provider["supported_model_types"]
        found = [(model, each) for each in types for name, model in self.state.usable(each) if name == provider]
        return done(
            {"data": [{**_model(model, each), "provider": _named(self.state, provider)} for model, each in found]}
        )

    def create(self, request: Request, provider: str) -> Response:
        body = request.json
        name = body.get("name") or ""
        there = self.state.entries.get((provider, body["model"], body["model_type"]), Entry())
        text = f"Model credential with name '{name}' already exists for {body['model']}."
        if name:
            there.check_name(name, "ParserCreateCredential", text)
        values = self._checked(provider, body)
        self.state.new_entry(provider, body).add(name, values)
        return done(status=201)

    def validate(self, request: Request, provider: str) -> Response:
        body = request.json
        fields = self.state.fields(provider, MODEL_FORM)
        try:
            self.state.validate(
                body["model"], body["model_type"], checked(fields, body["credentials"], body["model_type"])
            )
        except PluginRefusal as refused:
            return done({"result": "error", "error": str(refused)})
        return done()

    def read(self, request: Request, provider: str) -> Response:
        asked = {key: value[0] for key, value in parse_qs(urlsplit(request.path).query).items()}
        entry = self.state.entry(provider, asked)
        saved = entry.saved(asked.get("credential_id") or entry.current)
        values = masked(saved.values, secrets(self.state.fields(provider, MODEL_FORM)))
        return done({
            "credentials": values,
            "current_credential_id": asked.get("credential_id") or entry.current,
            "current_credential_name": saved.name,
            "load_balancing": {"enabled": False, "configs": []},
            "available_credentials": _available(entry),
        })  # fmt: skip

    def change(self, request: Request, provider: str) -> Response:
        body = request.json
        entry = self.state.entry(provider, body)
        saved = entry.saved(body["credential_id"])
        text = f"Model credential with name '{body['name']}' already exists for {body['model']}."
        entry.check_name(body["name"], "ParserUpdateCredential", text, body["credential_id"])
        kept = {key: saved.values[key] for key, value in body["credentials"].items() if value == "[__HIDDEN__]"}
        saved.values = self._checked(provider, {**body, "credentials": {**body["credentials"], **kept}})
        saved.name = body["name"]
        return done()

    def switch(self, request: Request, provider: str) -> Response:
        entry = self.state.entry(provider, request.json)
        return _switched(entry, request.json["credential_id"])

    def delete(self, request: Request, provider: str) -> Response:
        body = request.json
        entry = self.state.entry(provider, body)
        entry.saved(body["credential_id"])
        del entry.credentials[body["credential_id"]]
        if not entry.credentials:
            del self.state.entries[provider, body["model"], body["model_type"]]
        elif entry.current == body["credential_id"]:
            entry.current = None
        return nothing()

    def remove_from_list(self, request: Request, provider: str) -> Response:
        entry = self.state.entry(provider, request.json)
        entry.is_listed, entry.current = False, None
        return nothing()

    def old_style(self, request: Request, provider: str) -> Response:
        """Of versions up to 1.7: still answered, and nothing is stored."""
        return done()

    def default(self, request: Request) -> Response:
        """Without any, the first that is usable is chosen, and stored."""
        [model_type] = parse_qs(urlsplit(request.path).query)["model_type"]
        chosen = self.state.defaults.get(model_type) or next(self.state.usable(model_type), None)
        if chosen is None:
            return done({"data": None})
        self.state.defaults[model_type] = chosen
        provider, model = chosen
        return done({"data": {"model": model, "model_type": model_type, "provider": _named(self.state, provider)}})

    def set_default(self, request: Request) -> Response:
        for each in request.json["model_settings"]:
            if (each["provider"], each["model"]) not in list(self.state.usable(each["model_type"])):
                raise invalid(f"Model {each['model']} does not exist")
            self.state.defaults[each["model_type"]] = (each["provider"], each["model"])
        return done()

    def _checked(self, provider: str, body: Mapping[str, Any]) -> dict[str, Any]:
        values = checked(self.state.fields(provider, MODEL_FORM), body["credentials"], body["model_type"])
        return self.state.ask_plugin(body["model"], body["model_type"], values)


class FormRoutes:
    """A provider's own form."""

    def __init__(self, state: State) -> None:
        self.state = state

    def create(self, request: Request, provider: str) -> Response:
        fields = self.state.fields(provider, FORM)
        form = self.state.forms.setdefault(provider, Entry())
        name = request.json.get("name") or ""
        form.check_name(name, "ParserCredentialCreate", f"Credential with name '{name}' already exists.")
        form.add(name, self.state.ask_plugin("", "", checked(fields, request.json["credentials"])))
        return done(status=201)

    def read(self, request: Request, provider: str) -> Response:
        """While `current` names a credential that is gone, the values are those of the cache."""
        asked = parse_qs(urlsplit(request.path).query).get("credential_id", [""])[0]
        form = self.state.forms.get(provider, Entry())
        is_there = asked or form.current in form.credentials
        values = form.saved(asked or form.current).values if is_there else form.stale
        shown = masked(values, secrets(self.state.fields(provider, FORM)))
        return done({"credentials": shown or None})

    def switch(self, request: Request, provider: str) -> Response:
        form = self.state.forms.setdefault(provider, Entry())
        answer = _switched(form, request.json["credential_id"])
        form.stale = {}
        return answer


def _switched(entry: Entry, credential: str) -> Response:
    entry.saved(credential)
    if entry.current == credential:
        raise invalid("Can't add same credential")
    entry.current, entry.is_listed = credential, True
    return done()


def _available(entry: Entry) -> list[dict[str, str]]:
    """The newest first."""
    pairs = [{"credential_id": key, "credential_name": saved.name} for key, saved in entry.credentials.items()]
    return pairs[::-1]


def _provider(state: State, name: str, package: Package) -> dict[str, Any]:
    declared, form = package.provider, state.forms.get(name, Entry())
    entries = {key[1:]: entry for key, entry in state.entries.items() if key[0] == name}
    is_active = bool(form.credentials or entries)
    return {
        "tenant_id": WORKSPACE,
        "provider": name,
        "label": in_two_languages(declared["label"]),
        "description": in_two_languages(declared.get("description")),
        "icon_small": in_two_languages(declared.get("icon_small")),
        "icon_small_dark": in_two_languages(declared.get("icon_small_dark")),
        "background": declared.get("background"),
        "help": None,
        "supported_model_types": declared["supported_model_types"],
        "configurate_methods": declared["configurate_methods"],
        FORM: schema(declared.get(FORM)),
        MODEL_FORM: schema(declared.get(MODEL_FORM)),
        "preferred_provider_type": "custom",
        "custom_configuration": {
            "status": "active" if is_active else "no-configure",
            "current_credential_id": form.current,
            "current_credential_name": form.credentials[form.current].name if form.current in form.credentials else None,
            "available_credentials": _available(form),
            "custom_models": [_custom(model, model_type, entry) for (model, model_type), entry in entries.items()],
            "can_added_models": [
                {"model": model, "model_type": model_type}
                for (model, model_type), entry in entries.items() if not entry.is_listed
            ],
        },
        "system_configuration": {"enabled": False, "current_quota_type": None, "quota_configurations": []},
    }  # fmt: skip


def _custom(model: str, model_type: str, entry: Entry) -> dict[str, Any]:
    return {
        "model": model,
        "model_type": model_type,
        "credentials": None,
        "current_credential_id": entry.current,
        "current_credential_name": entry.credentials[entry.current].name
        if entry.current in entry.credentials
        else None,
        "available_model_credentials": _available(entry),
        "unadded_to_model_list": not entry.is_listed,
    }


def _model(model: str, model_type: str) -> dict[str, Any]:
    return {
        "model": model,
        "label": {"zh_Hans": model, "en_US": model},
        "model_type": model_type,
        "features": [],
        "fetch_from": "customizable-model",
        "model_properties": {"context_size": 4096, "mode": "chat"},
        "deprecated": False,
        "status": "active",
        "load_balancing_enabled": False,
        "has_invalid_load_balancing_configs": False,
    }


def _named(state: State, provider: str) -> dict[str, Any]:
    declared = state.provider(provider)
    return {
        "provider": provider,
        "label": in_two_languages(declared["label"]),
        "icon_small": in_two_languages(declared.get("icon_small")),
        "icon_small_dark": None,
        "supported_model_types": declared["supported_model_types"],
        "models": [],
        "tenant_id": WORKSPACE,
    }
