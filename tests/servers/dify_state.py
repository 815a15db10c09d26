"""What Dify keeps in its database of providers: models with credentials, forms, defaults."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.dify_answers import internal_error, invalid, new_id
from tests.servers.dify_plugins import Package, Plugins

NAME_LENGTH, MODEL_LENGTH = 30, 255
LONG = (
    "1 validation error for {parser}\nname\n  String should have at most 30 characters "
    "[type=string_too_long, input_value='{name}', input_type=str]\n"
    "    For further information visit https://errors.pydantic.dev/2.11/v/string_too_long"
)


class PluginRefusal(Exception):
    """What the plugin says about credentials."""


# Model (empty for a provider's form), type, credentials → as the plugin gives them back.
type Validate = Callable[[str, str, dict[str, Any]], dict[str, Any]]


def accept(model: str, model_type: str, credentials: dict[str, Any]) -> dict[str, Any]:
    return {**credentials, "detected": "{}"}


@dataclass(slots=True)
class Saved:
    name: str
    values: dict[str, Any]


@dataclass(slots=True)
class Entry:
    """A model, or a provider's form. `current` may be a credential that is gone."""

    credentials: dict[str, Saved] = field(default_factory=dict)
    current: str | None = None
    is_listed: bool = True
    stale: dict[str, Any] = field(default_factory=dict)  # what is cached of a form that went with its plugin

    def add(self, name: str, values: dict[str, Any]) -> str:
        credential = new_id()
        self.credentials[credential] = Saved(name or f"API KEY {len(self.credentials) + 1}", values)
        self.current = self.current or credential
        return credential

    def check_name(self, name: str, parser: str, what: str, but: str = "") -> None:
        if len(name) > NAME_LENGTH:
            raise invalid(LONG.format(parser=parser, name=name))
        if any(saved.name == name for key, saved in self.credentials.items() if key != but):
            raise invalid(what)

    def saved(self, credential: str | None) -> Saved:
        if credential not in self.credentials:
            raise invalid("Credential record not found.")
        return self.credentials[credential]


type Key = tuple[str, str, str]  # provider, model, type


@dataclass(slots=True)
class State:
    plugins: Plugins
    validate: Validate = accept
    entries: dict[Key, Entry] = field(default_factory=dict)
    forms: dict[str, Entry] = field(default_factory=dict)
    defaults: dict[str, tuple[str, str]] = field(default_factory=dict)

    def providers(self) -> Iterator[tuple[str, Package]]:
        for each in self.plugins.installed.values():
            package = each.package
            yield f"{package.plugin_id}/{package.provider['provider']}", package

    def provider(self, name: str) -> dict[str, Any]:
        declared = next((package.provider for each, package in self.providers() if each == name), None)
        if declared is None:
            raise invalid(f"Provider {name} does not exist.")
        return declared

    def fields(self, provider: str, form: str) -> list[dict[str, Any]]:
        declared = self.provider(provider).get(form)
        if declared is None:
            raise invalid(f"Provider {provider} does not have {form}")
        return declared["credential_form_schemas"]

    def ask_plugin(self, model: str, model_type: str, values: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.validate(model, model_type, dict(values))
        except PluginRefusal as refused:
            raise invalid(str(refused)) from None

    def entry(self, provider: str, body: Mapping[str, Any]) -> Entry:
        entry = self.entries.get((provider, body["model"], body["model_type"]))
        if entry is None:
            raise invalid("Credential record not found.")
        return entry

    def new_entry(self, provider: str, body: Mapping[str, Any]) -> Entry:
        if len(body["model"]) > MODEL_LENGTH:  # the database's word
            raise internal_error()
        return self.entries.setdefault((provider, body["model"], body["model_type"]), Entry())

    def usable(self, model_type: str) -> Iterator[tuple[str, str]]:
        installed = dict(self.providers())
        for (provider, model, each), entry in self.entries.items():
            if each == model_type and entry.is_listed and entry.credentials and provider in installed:
                yield provider, model

    def forget_forms(self, package: Package) -> None:
        """Uninstalling deletes a provider's credentials; the row still names one, and the cache has its values."""
        name = f"{package.plugin_id}/{package.provider['provider']}"
        form = self.forms.get(name)
        if form and form.credentials:
            form.stale = form.saved(form.current).values
            form.credentials = {}

    def hand_made(self, provider: str, model: str, model_type: str = "llm", name: str = "by hand") -> Entry:
        """As somebody added it in the browser."""
        entry = self.entries.setdefault((provider, model, model_type), Entry())
        entry.add(name, {"base_url": "http://elsewhere:1"})
        return entry

    def names(self) -> dict[tuple[str, str], list[str]]:
        """Model and type → names of its credentials."""
        return {
            (model, model_type): [saved.name for saved in entry.credentials.values()]
            for (_, model, model_type), entry in self.entries.items()
        }

    def values(self, model: str, model_type: str = "llm") -> dict[str, Any]:
        """Of the credential that is in use."""
        found = next(entry for (_, *key), entry in self.entries.items() if key == [model, model_type])
        return found.saved(found.current).values
