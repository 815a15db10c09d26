"""A provider's own form in Dify: uninstalling a plugin loses it, so it is read before and saved again after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.dify.errors import Refused
from scripts.dify.models import PROVIDERS, Provider
from scripts.dify.session import DifySession

SECRET = "secret-input"
SHORT = 8  # characters; of a longer secret Dify shows the beginning and the end
HIDDEN = "*" * 20
LOST_NAME = "restored"


@dataclass(frozen=True, slots=True)
class Form:
    """One saved form. Secrets come masked; `hidden` are those that could not be filled in."""

    name: str
    values: Mapping[str, str] = field(repr=False)
    hidden: tuple[str, ...] = ()
    is_current: bool = False


def read_forms(dify: DifySession, provider: Provider, secrets: Mapping[str, str]) -> list[Form]:
    """All saved forms; a secret that was given to us is filled in where it can be the one that is masked."""
    found = []
    for form in provider.forms:
        values = _values(dify, provider.id, {"credential_id": form.id})
        found.append(_form(form.name, values, provider, secrets, is_current=form.id == provider.current_form))
    return found


def left_behind(dify: DifySession, provider: Provider, secrets: Mapping[str, str]) -> list[Form]:
    """Dify 1.12 still shows the values of a form that went with an old version, although it cannot be used."""
    if provider.forms:
        return []
    values = _values(dify, provider.id, {})
    return [_form(LOST_NAME, values, provider, secrets, is_current=True)] if values else []


def save(dify: DifySession, provider: str, form: Form) -> None:
    """The plugin looks at the server first: a `Refused` carries its words."""
    dify.post(f"{PROVIDERS}/{provider}/credentials", {"credentials": dict(form.values), "name": form.name})


def use(dify: DifySession, provider: Provider, name: str) -> None:
    """Dify 1.12 goes on with the values of the lost form until it is told to switch."""
    for form in provider.forms:
        if form.name == name:
            try:
                dify.post(f"{PROVIDERS}/{provider.id}/credentials/switch", {"credential_id": form.id})
            except Refused as error:
                if "same" not in str(error):  # it is in use already
                    raise
            return


def fits(secret: str, shown: str) -> bool:
    """Whether this can be the secret that Dify shows so."""
    if len(secret) <= SHORT:
        return shown == HIDDEN
    return shown.startswith(f"{secret[:6]}*") and shown.endswith(f"*{secret[-2:]}")


def _values(dify: DifySession, provider: str, params: Mapping[str, str]) -> dict[str, Any]:
    try:
        return dify.get(f"{PROVIDERS}/{provider}/credentials", params)["credentials"] or {}
    except Refused:
        return {}


def _form(
    name: str, shown: Mapping[str, Any], provider: Provider, secrets: Mapping[str, str], *, is_current: bool
) -> Form:
    fields = provider.fields or {}
    values = {key: str(value) for key, value in shown.items() if key in fields and value not in (None, "")}
    masked = [key for key in values if fields[key] == SECRET]
    filled = {key: secrets[key] for key in masked if fits(secrets.get(key, ""), values[key])}
    hidden = tuple(key for key in masked if key not in filled)
    return Form(name, {**values, **filled}, hidden, is_current)
