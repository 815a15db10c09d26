"""Dify's YAML: one file in, one app out, or the reasons why it cannot be served here."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from graphon.dsl import DslError, importer
from graphon.dsl.entities import DslRuntimeVariables

GRAPH_MODES = ("workflow", "advanced-chat")
PROMPT_MODES = ("chat", "completion")
KNOWLEDGE = (".md", ".txt")  # of a text beside an app's file, which its knowledge nodes search
CHAT_MODES = ("advanced-chat", "chat")
NAMES = uuid.UUID("7a4be6f6-44a5-45f0-8e45-9d4e0f2a3f5c")  # any fixed one: an app has the same ids after a restart


class NotServable(Exception):
    """This file is no app that can run here."""


@dataclass(frozen=True, slots=True)
class App:
    name: str  # of the file, without its ending
    mode: str
    card: Mapping[str, Any]  # what Dify's YAML has under `app`
    graph: Mapping[str, Any] = field(default_factory=dict)
    variables: DslRuntimeVariables = field(default_factory=DslRuntimeVariables)
    features: Mapping[str, Any] = field(default_factory=dict)
    prompt: Mapping[str, Any] = field(default_factory=dict)  # `model_config` of an app without a graph
    knowledge: str = ""  # the text that its knowledge nodes search

    @property
    def id(self) -> str:
        return str(uuid.uuid5(NAMES, f"app {self.name}"))

    @property
    def workflow_id(self) -> str:
        return str(uuid.uuid5(NAMES, f"workflow {self.name}"))

    @property
    def key(self) -> str:
        """Made up, and no secret: whoever reaches the service may use it."""
        return f"app-{uuid.uuid5(NAMES, f'key {self.name}').hex[:24]}"

    @property
    def models(self) -> set[str]:
        """By name."""
        asked = [self.prompt, *(node["data"] for node in self.graph.get("nodes", []))]
        return {str(data["model"].get("name") or "") for data in asked if isinstance(data.get("model"), dict)}

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The form that a user fills in, as in the start node: one entry a variable, with its `type`."""
        if self.prompt:
            return [
                {"type": kind, **entry}
                for form in self.prompt.get("user_input_form", [])
                for kind, entry in form.items()
            ]
        starts = (node["data"] for node in self.graph["nodes"] if node["data"]["type"] == "start")
        return [dict(variable) for data in starts for variable in data.get("variables") or []]


def read_file(path: Path, model: str = "auto") -> App:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotServable(f"it cannot be read ({error})") from error
    beside = [other for ending in KNOWLEDGE if (other := path.with_suffix(ending)).is_file()]
    return read(path.stem, text, model, "\n\n".join(other.read_text(encoding="utf-8") for other in beside))


def read(name: str, text: str, model: str = "auto", knowledge: str = "") -> App:
    content = _content(text)
    card = content.get("app")
    mode = card.get("mode") if isinstance(card, dict) else None
    if mode in GRAPH_MODES:
        return _graph_app(name, text, content, model, knowledge)
    if mode in PROMPT_MODES and isinstance(content.get("model_config"), dict):
        prompt = content["model_config"]
        return App(name, mode, content["app"], prompt={**prompt, "model": _model(prompt.get("model"), model)})
    raise NotServable(f"app.mode is {mode!r}, which Dify's engine does not run; it runs {', '.join(GRAPH_MODES)}")


def _content(text: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise NotServable(f"it is no YAML ({error})") from error
    if not isinstance(content, dict) or content.get("kind") != "app":
        raise NotServable("it is no Dify app: there is no `kind: app`")
    return content


def _graph_app(name: str, text: str, content: Mapping[str, Any], model: str, knowledge: str) -> App:
    try:
        document = importer.inspect(text).document
    except DslError as error:
        raise NotServable(f"{error} ({error.path or error.code})") from error
    if document.graph_config is None:
        raise NotServable("it has no graph")
    providers = _providers(content)
    graph = dict(document.graph_config)
    graph["nodes"] = [_with_model(node, providers.get(node["id"]), model) for node in graph["nodes"]]
    features = content["workflow"].get("features") or {}
    return App(
        name, content["app"]["mode"], content["app"], graph, document.runtime_variables, features, knowledge=knowledge
    )


def _providers(content: Mapping[str, Any]) -> dict[str, Any]:
    """Their full names: the engine shortens them."""
    nodes = [
        node for node in content["workflow"]["graph"]["nodes"] if isinstance(node.get("data", {}).get("model"), dict)
    ]
    return {node["id"]: node["data"]["model"].get("provider") for node in nodes}


def _with_model(node: Mapping[str, Any], provider: Any, model: str) -> dict[str, Any]:
    data = node["data"]
    if not isinstance(data.get("model"), dict):
        return dict(node)
    return {**node, "data": {**data, "model": {**_model(data["model"], model), "provider": provider}}}


def _model(asked: Any, instead: str) -> dict[str, Any]:
    """`auto` leaves the choice to the file."""
    asked = asked if isinstance(asked, dict) else {}
    return asked if instead == "auto" else {**asked, "name": instead}


def unsupported(app: App, known: Mapping[Any, Any]) -> Iterator[str]:
    for node in app.graph.get("nodes", []):
        kind = node["data"]["type"]
        if kind not in known:
            yield f"node {node['id']!r} has the type {kind}, which Dify's engine does not run alone"
