"""What was asked for on the command line and in the settings, checked before anything is done."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.dify.models import Provider
from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.settings import Settings
from scripts.models.look import instances_of, usual_instances
from scripts.models.reaching import key_headers
from scripts.sync.marks import check_label
from scripts.sync.seen import checked_host
from scripts.sync.servers import Shelf
from scripts.sync.wanted import Wish

SECRETS = {"api_key": "set LOCAL_MODELS_API_KEY", "extra_headers": "write it under sync_set in local-models.yaml"}
OURS = ("base_url", "model_name", "api_key")


@dataclass(frozen=True, slots=True)
class Options:
    """Of the command line, as they were typed."""

    servers: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


def wish_of(options: Options, settings: Settings) -> Wish:
    """Raises `Stop` or `BadSetting` for what cannot be meant."""
    check_label(settings.sync_label)
    return Wish(
        checked_host(settings.dify_sees_servers_at),
        settings.sync_label,
        {**settings.sync_set, **dict(map(_pair, options.fields))},
        settings.local_models_api_key.get_secret_value(),
        options.only,
        options.skip,
    )


def shelf_of(options: Options, settings: Settings, *, prune: bool) -> Shelf:
    """The servers that were named; if none, those at the usual ports."""
    named = instances_of(options.servers, settings)
    if prune and not named:
        fix = "name them: python -m scripts sync --prune http://127.0.0.1:11434 …"
        raise Stop(
            "--prune must know which servers there are: one that is down would lose its models", fix, exits.USAGE
        )
    return Shelf(named, () if named else usual_instances(()), key_headers(settings))


def check_fields(fields: Mapping[str, str], provider: Provider) -> None:
    """Dify would drop a field that the form has not, without a word."""
    known = [name for name in provider.model_fields or {} if name not in OURS]
    for name in fields:
        if name in OURS:
            raise Stop(f"{name} is filled in by sync", SECRETS.get(name, ""), exits.USAGE)
        if known and name not in known:
            raise Stop(f"the plugin's form has no field {name}", f"it has {', '.join(known)}", exits.USAGE)


def _pair(typed: str) -> tuple[str, str]:
    name, sign, value = typed.partition("=")
    if name in SECRETS:
        raise Stop(f"{name} is a secret, and arguments can be seen by others", SECRETS[name], exits.USAGE)
    if not (name and sign):
        raise Stop(f"--set takes NAME=VALUE, not “{typed}”", "for example --set keep_alive=24h", exits.USAGE)
    return name, value
