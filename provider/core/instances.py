"""One or several servers behind one form: `http://a:11434, big=http://b:8080 weight=2 limit=4`."""

import re
from dataclasses import dataclass
from typing import Any, Self

from provider.core.address import candidates, display
from provider.core.errors import BadSetting

SEPARATORS = re.compile(r"[,;\n\r，；、]+")
OPTIONS = ("weight", "limit")
NAMED = re.compile(r"(?P<name>[^=\s/][^=\s]*?)\s*=\s*(?P<rest>\S.*)", re.DOTALL)
EXAMPLE = "http://a:11434, big=http://b:8080 weight=2"


@dataclass(frozen=True, slots=True)
class Instance:
    """One server among several. `limit` 0 means: as many requests at once as come."""

    name: str
    urls: tuple[str, ...]  # the first is the address once it was found, else the first that was typed
    kind: str = "auto"
    flavour: str = ""
    version: str = ""
    weight: float = 1.0
    limit: int = 0

    @property
    def url(self) -> str:
        return self.urls[0]

    def found(self, facts: dict[str, Any]) -> "Instance":
        """The same instance with what was found when the form was saved."""
        return Instance(
            self.name,
            (facts["url"], *(url for url in self.urls if url != facts["url"])),
            facts["kind"],
            facts.get("flavour", ""),
            facts.get("version", ""),
            self.weight,
            self.limit,
        )

    def facts(self) -> dict[str, Any]:
        """What is kept with the form."""
        return {
            "name": self.name,
            "url": self.url,
            "kind": self.kind,
            "flavour": self.flavour,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class _Options:
    weight: float = 1.0
    limit: int = 0

    @classmethod
    def read(cls, words: list[str]) -> Self:
        given = dict(word.lower().split("=", 1) for word in words)
        return cls(_weight(given.get("weight", "1")), _limit(given.get("limit", "0")))


def parse(typed: str, kind: str = "auto") -> tuple[Instance, ...]:
    """Entries in the order of typing, separated by commas or lines.

    Raises:
        BadSetting: an entry is no address, an option is unknown, or a name is used twice.
    """
    entries = [entry.strip() for entry in SEPARATORS.split(typed) if entry.strip()]
    if not entries:
        raise BadSetting(f"The server address is empty. Example: {EXAMPLE}")
    if len(entries) == 1 and not _has_more_than_an_address(entries[0]):
        return (_instance("", entries[0], [], kind),)
    instances = tuple(_entry(entry, kind) for entry in entries)
    names = [instance.name for instance in instances]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise BadSetting(
            f"Two servers are called {twice}; give them different names, such as a={EXAMPLE.split(',', maxsplit=1)[0]}"
        )
    return instances


def _has_more_than_an_address(entry: str) -> bool:
    return "=" in entry.partition("://")[0] or any(f" {option}=" in entry.lower() for option in OPTIONS)


def _entry(entry: str, kind: str) -> Instance:
    name, rest = "", entry
    if (found := NAMED.fullmatch(entry)) and found["name"].lower() not in OPTIONS and "://" not in found["name"]:
        name, rest = found["name"], found["rest"]
    address, *words = rest.split()
    if unknown := next(
        (word for word in words if word.lower().partition("=")[0] not in OPTIONS or "=" not in word), ""
    ):
        raise BadSetting(f"“{unknown}” after {display(address)} is not known; write weight=2 or limit=4")
    return _instance(name, address, words, kind)


def _instance(name: str, address: str, words: list[str], kind: str) -> Instance:
    urls = candidates(address, kind)
    options = _Options.read(words)
    return Instance(name or urls[0].partition("://")[2], urls, kind, weight=options.weight, limit=options.limit)


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight <= 1000:  # noqa: PLR2004 - a share, not a count
        raise BadSetting(f"weight must be a number above 0 such as 2, not “{text}”")
    return weight


def _limit(text: str) -> int:
    if not text.isdigit():
        raise BadSetting(f"limit must be how many requests at once, such as 4, not “{text}”")
    return int(text)
