"""Dify's credential form → which server, which model, and how to treat it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, cast

from provider.core.detected import Detected
from provider.core.errors import BadSetting
from provider.core.instances import Instance, parse
from provider.core.model_info import ModelInfo
from provider.core.server import Kind, Server, Timeouts, Tls
from provider.core.wire.ollama_request import keep_alive
from provider.dify import settings

DETECTED = "detected"  # the key under which found facts are kept
KINDS = ("auto", "ollama", "llamacpp", "lmstudio", "openai")
OVERRIDES = ("tools", "vision", "audio", "thinking", "structured_output")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One saved form, read. `server.url` is the detected address, or the first that was typed."""

    server: Server
    instances: tuple[Instance, ...]
    asked: str
    model_name: str = ""
    completion: bool = False
    context_size: int | None = None  # tokens
    overrides: Mapping[str, bool] = field(default_factory=dict)
    keep_alive: str = ""
    thinking_output: str = "tags"
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    detected: Detected | None = None

    def model(self, name: str) -> ModelInfo:
        """What is known of the model, as the person corrected it. Never asks the network."""
        found = self.detected.model if self.detected and self.detected.model else None
        info = found or ModelInfo(name, self.server.kind, self.detected.flavour if self.detected else "")
        changed: dict[str, Any] = dict(self.overrides)
        if self.context_size:
            changed["context_length"] = self._possible(info, self.context_size)
        if "tools" in changed:
            changed["parallel_tools"] = changed["tools"]
        return replace(info, **changed)

    def _possible(self, info: ModelInfo, typed: int) -> int:
        """Ollama gives no more than the model was trained for, so no more is declared."""
        return min(typed, info.train_context_length or typed) if info.kind == "ollama" else typed


def read_credentials(form: Mapping[str, Any]) -> Credentials:
    """Raises `BadSetting` that names the field."""
    return _read(tuple(sorted((key, str(value)) for key, value in form.items() if value is not None)))


@lru_cache(maxsize=256)
def _read(items: tuple[tuple[str, str], ...]) -> Credentials:
    """Read once, although Dify sends the same form with every call."""
    form = dict(items)
    kind = settings.choice(form, "server", KINDS)
    typed = settings.text(form, "base_url")
    if not typed:
        raise BadSetting(
            "base_url is empty: type the address of your model server, such as http://host.docker.internal:11434"
        )
    asked = f"{kind} {typed}"
    detected = Detected.loads(form.get(DETECTED, ""))
    detected = detected if detected and detected.asked == asked else None
    instances = _instances(typed, kind, detected)
    url, found_kind = (detected.url, detected.kind) if detected else (instances[0].url, kind)
    return Credentials(
        server=_server(form, url, cast("Kind", found_kind)),
        instances=instances,
        asked=asked,
        model_name=settings.text(form, "model_name"),
        completion=settings.choice(form, "mode", ("chat", "completion")) == "completion",
        context_size=settings.whole(form, "context_size"),
        overrides={name: value for name in OVERRIDES if (value := settings.flag(form, name)) is not None},
        keep_alive=_keep_alive(form),
        thinking_output=settings.choice(form, "thinking_output", ("tags", "hidden", "plain")),
        extra_body=settings.extra_body(form, "extra_body"),
        detected=detected,
    )


def _instances(typed: str, kind: str, detected: Detected | None) -> tuple[Instance, ...]:
    """As typed, with what was found; one that was down when the form was saved is looked at later."""
    typed_ones = parse(typed, kind)
    facts = [detected.facts_of(each.name, alone=len(typed_ones) == 1) if detected else None for each in typed_ones]
    return tuple(each.found(found) if found else each for each, found in zip(typed_ones, facts, strict=True))


def _server(form: Mapping[str, Any], url: str, kind: Kind) -> Server:
    defaults = Timeouts()
    return Server(
        url=url,
        kind=kind,
        headers=(*_key(form), *settings.headers(form, "extra_headers")),
        tls=Tls(settings.text(form, "tls_ca"), verify=settings.flag(form, "tls_verify") is not False),
        proxy=_proxy(form),
        timeouts=Timeouts(
            settings.seconds(form, "connect_timeout", defaults.connect),
            settings.seconds(form, "first_token_timeout", defaults.first_token),
            settings.seconds(form, "idle_timeout", defaults.idle),
            settings.seconds(form, "total_timeout", defaults.total),
        ),
    )


def _key(form: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """No key, no header: some gateways refuse an empty one."""
    key = settings.text(form, "api_key")
    scheme = settings.choice(form, "auth_scheme", ("bearer", "basic", "header"))
    if not key:
        return ()
    settings.check_value(key if scheme != "basic" else "", "api_key")
    if scheme == "basic":
        return (("Authorization", f"Basic {base64.b64encode(key.encode()).decode()}"),)
    if scheme == "bearer":
        return (("Authorization", f"Bearer {key}"),)
    name = settings.text(form, "auth_header", "X-Api-Key")
    if not settings.HEADER_NAME.fullmatch(name):
        raise BadSetting("auth_header must be the name of a header, such as X-Api-Key")
    return ((name, key),)


def _proxy(form: Mapping[str, Any]) -> str:
    given = settings.text(form, "proxy")
    if given and given != "env" and not given.startswith(("http://", "https://")):
        raise BadSetting("proxy must be empty (direct), env, or a proxy's address such as http://proxy:3128")
    return given


def _keep_alive(form: Mapping[str, Any]) -> str:
    given = settings.text(form, "keep_alive")
    try:
        keep_alive(given or "0")
    except ValueError as error:
        raise BadSetting(f"keep_alive must be a duration such as 5m or 24h, or -1 for ever, not “{given}”") from error
    return given
