"""All that a client's configuration is made of: servers, models, and the name of the key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from provider.core.model_info import ModelInfo
from scripts.sync.seen import seen_by_dify

KEY = "LOCAL_MODELS_API_KEY"  # the variable; its value is never written
NO_KEY = "EMPTY"  # what libraries are given that insist on a key
SMALLEST_OLLAMA = 4096  # tokens: what Ollama takes over /v1 on a machine with little graphics memory
OLLAMA_OVER_V1 = (
    "Over /v1 nobody can tell Ollama how long the context shall be: it takes OLLAMA_CONTEXT_LENGTH, else 4,096 tokens "
    "on a machine with less than 23 GiB of graphics memory, and drops the beginning of longer chats without a word. "
    "Set it: python -m scripts host ollama --context-length 16384"
)


@dataclass(frozen=True, slots=True)
class Model:
    """`types` are what it is for, in Dify's words: llm, text-embedding, rerank, speech2text, tts."""

    info: ModelInfo
    types: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def context_over_v1(self) -> int | None:
        """Tokens a request may use on the OpenAI-style routes, as far as that is certain."""
        length = self.info.context_length
        if self.info.kind == "ollama" and not self.info.loaded:
            return min(length or SMALLEST_OLLAMA, SMALLEST_OLLAMA)
        return length


@dataclass(frozen=True, slots=True)
class ModelServer:
    """`url` is where its routes begin, seen from here."""

    url: str
    kind: str
    label: str
    models: tuple[Model, ...]
    left_out: tuple[str, ...] = ()  # models that the server lists and cannot describe, and why

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"

    @property
    def is_ollama(self) -> bool:
        return self.kind == "ollama"


@dataclass(frozen=True, slots=True)
class World:
    """`chosen` is the model for programs that take one; `host` is what containers call this machine."""

    servers: tuple[ModelServer, ...]
    chosen: tuple[ModelServer, Model] | None = None
    has_key: bool = False
    host: str = "host.docker.internal"

    @property
    def one(self) -> tuple[ModelServer, Model]:
        """Raises `LookupError`; the command asks before."""
        if self.chosen is None:
            raise LookupError("no chat model")
        return self.chosen

    def models(self) -> Iterator[tuple[ModelServer, Model, str]]:
        """Each model, once for each thing it is for."""
        for server in self.servers:
            for model in server.models:
                yield from ((server, model, kind) for kind in model.types)

    def from_container(self, url: str) -> str:
        return seen_by_dify(url, self.host)

    def origin(self, *, is_one: bool) -> str:
        """The server of the chosen model, or all of them."""
        servers = (self.one[0],) if is_one else self.servers
        return ", ".join(f"{server.label} at {server.url}" for server in servers)


@dataclass(frozen=True, slots=True)
class Client:
    """A program, the file it reads, and how that is written."""

    name: str
    file: str
    format: Literal["python", "yaml"]
    render: Callable[[World], str]
    notes: Callable[[World], Iterator[str]]
    wants_one: bool = False  # a chat model


def heading(client: str, world: World, *more: str, is_one: bool = False) -> str:
    """Where the text comes from, and what to do with it."""
    lines = (f"Made by: python -m scripts config {client}, from {world.origin(is_one=is_one)}", *more)
    return "".join(f"# {line}\n" for line in lines)


def as_yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=200)


class _Plain(yaml.SafeDumper):
    """Writes a list again where it comes again: a person shall be able to change it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def key_note(world: World) -> Iterator[str]:
    if world.has_key:
        yield f"The key is not in the text: the program reads it from the variable {KEY}."
