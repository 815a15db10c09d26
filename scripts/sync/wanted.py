"""How each model of the servers should stand in Dify."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache

from provider.core.inspection import common
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from scripts.dify.models import MODEL_LENGTH
from scripts.sync.contexts import Context, context_of
from scripts.sync.kinds import sorted_types
from scripts.sync.marks import Mark, model_of, settings_of
from scripts.sync.seen import as_typed, seen_by_dify
from scripts.sync.servers import Found


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for."""

    host: str = ""  # as Dify's containers call this machine
    label: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str = field(default="", repr=False)
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    plugin: str = ""  # what runs in Dify, as marks write it; empty while that is not known

    def includes(self, model: str) -> bool:
        named = not self.only or any(fnmatchcase(model, each) for each in self.only)
        return named and not any(fnmatchcase(model, each) for each in self.skip)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One model of one type, as it should be added."""

    model: str  # its name in Dify
    type: str
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    mark: Mark
    loaded: bool = False


def wanted(found: Sequence[Found], wish: Wish) -> list[Wanted]:
    """A model that several servers have stands in Dify once, with all their addresses."""
    models: dict[tuple[str, str], list[tuple[Instance, str, ModelInfo]]] = {}
    for server in found:
        url = seen_by_dify(server.url, wish.host)
        for able in server.models:
            is_meant = wish.includes(able.info.name) and can_be_typed(able.info.name)
            for model_type in able.types if is_meant else ():
                models.setdefault((able.info.name, model_type), []).append((server.instance, url, able.info))
    made = [_wanted(name, model_type, having, wish) for (name, model_type), having in models.items()]
    return sorted(made, key=lambda each: (sorted_types([each.type])[0] != "llm", each.type, each.model))


def unusable(found: Sequence[Found], wish: Wish) -> Iterator[tuple[str, str]]:
    """Models that cannot be brought into Dify, and why."""
    for able in (each for server in found for each in server.models if wish.includes(each.info.name)):
        if able.error:
            yield able.info.name, able.error
        elif not able.types:
            yield able.info.name, "the server says that it neither chats nor embeds nor ranks"
        elif not can_be_typed(able.info.name):
            yield able.info.name, "such a name cannot be typed"


def can_be_typed(name: str) -> bool:
    return bool(name.strip()) and name.isprintable()


def name_in_dify(name: str) -> str:
    """Dify's database has no room for more."""
    if len(name) <= MODEL_LENGTH:
        return name
    return f"{name[: MODEL_LENGTH - 9]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _wanted(name: str, model_type: str, having: list[tuple[Instance, str, ModelInfo]], wish: Wish) -> Wanted:
    infos = [info for _, _, info in having]
    base_url = as_typed([(instance, url) for instance, url, _ in having])
    shown = name_in_dify(name)
    special = {"model_name": name if shown != name else "", "api_key": wish.key}
    credentials = {**wish.fields, "base_url": base_url, **{key: value for key, value in special.items() if value}}
    context = Context() if "context_size" in wish.fields else context_of(infos)
    settings = _settings(tuple(sorted(credentials.items())))
    mark = Mark(wish.label, settings, model_of(common(infos)), context, wish.plugin)
    return Wanted(shown, model_type, base_url, credentials, mark, any(info.loaded for info in infos))


@cache
def _settings(credentials: tuple[tuple[str, str], ...]) -> str:
    return settings_of(dict(credentials))
