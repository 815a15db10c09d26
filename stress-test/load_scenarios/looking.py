"""What answers at an address, and what it wants to be asked: a Dify app by its key, a model server by its signs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from load_client import fetch
from load_client.ask import BadAddress
from load_client.failures import remedy
from load_scenarios.forms import CannotFill, fill, question_of
from load_scenarios.target import ROUTES, Kind, Target
from provider.core import errors
from provider.core.address import candidates
from provider.core.backends import open_backend
from provider.core.fingerprint import resolve
from provider.core.server import Server

PATIENCE = 10.0  # seconds for each question
MODEL_ROW = "{kind} chat {model}"
DIFY_ROW = "dify {route} {name}"
PERHAPS_DIFY = "If it is a Dify, ask it with its app's key: KEY=app-…"
STAND_IN = "test stand-in"  # so local_dify calls its author

type Fetch = Callable[..., tuple[int, Any]]


class CannotAsk(Exception):
    """Nobody is there who could be asked; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user said about the scenarios."""

    host: str
    kind: str = "auto"
    key: str = field(default="", repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the apps by name; `key` is for one app alone."""
    mix: Mapping[str, int] = field(default_factory=dict)
    model: str = "auto"
    route: str = ""
    streaming: bool = True
    turns: int = 1
    inputs: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int = 0

    @property
    def is_dify(self) -> bool:
        return self.kind == "dify" or (self.kind == "auto" and (self.key.startswith("app-") or bool(self.keys)))


@dataclass(frozen=True, slots=True)
class Found:
    """Whom to ask, what kind it is, and what it told of itself."""

    targets: tuple[Target, ...]
    kind: Kind
    server: Mapping[str, Any] = field(default_factory=dict)
    stand_in: bool = False


def look(wanted: Wanted, ask: Fetch = fetch) -> Found:
    """Raises `CannotAsk`."""
    try:
        return _dify(wanted, ask) if wanted.is_dify else _model_server(wanted)
    except (BadAddress, CannotFill) as error:
        raise CannotAsk(str(error)) from error


def _model_server(wanted: Wanted) -> Found:
    headers = (("Authorization", f"Bearer {wanted.key}"),) if wanted.key else ()
    server = Server(wanted.host, headers=headers)
    try:
        told: dict[str, Any] = {}
        if wanted.kind == "auto":
            server, found = resolve(server, candidates(wanted.host))
            told = {"kind": found.kind, "program": found.flavour or found.kind, "version": found.version}
            flavour = found.flavour
        else:
            root = wanted.host.rstrip("/").removesuffix("/v1")
            server, flavour = Server(root, kind=wanted.kind, headers=headers), ""  # ty: ignore[invalid-argument-type]
        model = wanted.model if wanted.model != "auto" else open_backend(server, flavour).pick()
    except errors.ServerError as error:
        perhaps = "" if wanted.key or isinstance(error, errors.Unreachable) else f" {PERHAPS_DIFY}"
        raise CannotAsk(f"{error}{perhaps}") from error
    kind: Kind = "ollama" if server.kind == "ollama" else "openai"
    row = MODEL_ROW.format(kind=kind, model=model)
    target = Target(row, kind, server.url, wanted.key, model=model, **_common(wanted))
    return Found((target,), kind, {**told, "model": model})


def _common(wanted: Wanted) -> dict[str, Any]:
    return {"streaming": wanted.streaming, "turns": wanted.turns, "max_tokens": wanted.max_tokens}


def _dify(wanted: Wanted, ask: Fetch) -> Found:
    chosen = _chosen(wanted)
    apps = [_App(wanted, ask, name, key) for name, key in chosen.items()]
    targets = tuple(app.target(wanted.mix.get(app.name, 1)) for app in apps)
    stand_in = any(STAND_IN in str(app.info.get("author_name")) for app in apps)
    return Found(targets, "dify", {"apps": {app.name: app.mode for app in apps}}, stand_in)


def _chosen(wanted: Wanted) -> dict[str, str]:
    """Names and keys of the apps that are asked."""
    if wanted.key:
        return {next(iter(wanted.mix), ""): wanted.key}
    missing = [name for name in wanted.mix if name not in wanted.keys]
    if missing:
        raise CannotAsk(f"there is no key for {', '.join(missing)}; there are {', '.join(wanted.keys) or 'none'}")
    chosen = {name: wanted.keys[name] for name in (wanted.mix or wanted.keys)}
    if not chosen:
        raise CannotAsk("a Dify app is asked with its key: KEY=app-…, or --keys-file")
    return chosen


class _App:
    """One Dify app as its own API tells of it."""

    def __init__(self, wanted: Wanted, ask: Fetch, name: str, key: str) -> None:
        self.url = wanted.host.rstrip("/").removesuffix("/v1") + "/v1"
        self._wanted, self._ask, self._key = wanted, ask, key
        self.info = self._get("/info")
        self.name = name or str(self.info.get("name") or "app").strip().replace(" ", "_")
        self.mode = str(self.info.get("mode") or "")

    def target(self, weight: int) -> Target:
        route = self._wanted.route or ROUTES.get(self.mode, "")
        if not route:
            raise CannotAsk(f"{self.url}/info does not tell the app's mode; say --route workflow, chat or completion")
        form = self._get("/parameters").get("user_input_form") or []
        question, longest = question_of(form) if route != "chat" else ("", 0)
        return Target(
            DIFY_ROW.format(route=route, name=self.name),
            "dify",
            self.url,
            self._key,
            route,
            weight=weight,
            question=question,
            longest=longest,
            inputs=fill(form, self._wanted.inputs, question),
            **_common(self._wanted),
        )

    def _get(self, path: str) -> dict[str, Any]:
        try:
            status, value = self._ask("GET", self.url + path, {"Authorization": f"Bearer {self._key}"}, None, PATIENCE)
        except OSError as error:
            helps = remedy(error) or "; is it the address of Dify?"
            raise CannotAsk(f"{self.url} is not reachable ({error}){helps}") from error
        if status != 200 or not isinstance(value, dict):
            raise CannotAsk(_refusal(self.url, path, status, value))
        return value


REMEDIES = {
    400: "if the app is not published yet, publish it in Dify",
    403: "turn its API on in Dify, on the app's page “API Access”",
}


def _refusal(url: str, path: str, status: int, value: Any) -> str:
    """Why Dify, or whoever is there, does not tell of the app, and what helps."""
    if status == 401:
        return f"{url} does not know the key: take the app's own, from its page “API Access”"
    if status in range(300, 400):
        there = value.removesuffix(path).removesuffix("/v1") if isinstance(value, str) else "another address"
        return f"{url}{path} points to {there} (HTTP {status}): use that as the host"
    said = f", {value['message']}" if isinstance(value, dict) and value.get("message") else ""
    what = "no JSON" if status == 200 else f"HTTP {status}{said}"
    return f"{url}{path} answered {what}: {REMEDIES.get(status, 'is it the address of Dify?')}"
