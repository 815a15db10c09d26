"""The YAML files of the apps, and the text that goes to Dify: with a mark, a model, its plugin, the knowledge's id."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.dify.ours import our_provider
from scripts.kit import exits
from scripts.kit.command import Stop

FOLDER = Path(__file__).resolve().parents[2] / "stress-test" / "workflows"
KNOWLEDGE = "local-models-knowledge"
"""Stands in a file where the id of the knowledge belongs."""
DESCRIPTION = re.compile(r"^(  description: )(.*)$", re.MULTILINE)
MODEL = re.compile(r"^(\s+name: )auto$", re.MULTILINE)
NO_PLUGIN = re.compile(r"^dependencies: \[\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class File:
    """One app as its file has it."""

    name: str
    text: str

    @property
    def title(self) -> str:
        return self._line("name")

    @property
    def mode(self) -> str:
        return self._line("mode")

    @property
    def description(self) -> str:
        return self._line("description")

    @property
    def wants_knowledge(self) -> bool:
        return KNOWLEDGE in self.text.partition("\nversion:")[2]

    @property
    def wants_model(self) -> bool:
        return bool(MODEL.search(self.text))

    @property
    def wants_plugin(self) -> bool:
        return f" {our_provider()}" in self.text

    def ready(self, model: str, knowledge: str) -> "File":
        """With the model that it shall ask, and the knowledge that it shall look into."""
        text = self.text.replace(f"[{KNOWLEDGE}]", f"[{knowledge}]") if knowledge else self.text
        return File(self.name, MODEL.sub(lambda found: f"{found[1]}{_quoted(model)}", text) if model else text)

    def for_dify(self, description: str, plugin: str) -> str:
        """The text that is imported. `plugin` is the installed package that gives the model: no file can know it."""
        text = DESCRIPTION.sub(lambda found: f"{found[1]}{_quoted(description)}", self.text, count=1)
        if not (plugin and self.wants_plugin):
            return text
        wanted = f"dependencies:\n- type: package\n  value: {{plugin_unique_identifier: {_quoted(plugin)}}}"
        return NO_PLUGIN.sub(lambda _: wanted, text, count=1)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:8]

    def _line(self, name: str) -> str:
        found = re.search(rf"^  {name}: (.*)$", self.text, re.MULTILINE)
        return found[1].strip("'\"") if found else ""


def files(names: Sequence[str] = ()) -> list[File]:
    """All of them, or those that were named.

    Raises:
        Stop: there is none of that name.
    """
    there = {each.name: each for each in _there()}
    unknown = [name for name in names if name not in there]
    if unknown:
        raise Stop(f"there is no app {', '.join(unknown)}", f"there are {', '.join(there)}", exits.USAGE)
    return [there[name] for name in names] if names else list(there.values())


def knowledge_text() -> str:
    """What the knowledge holds."""
    return (FOLDER / "knowledge_qa.md").read_text(encoding="utf-8")


def _there() -> Iterator[File]:
    for path in sorted(FOLDER.rglob("*.yml"), key=lambda path: path.stem):
        yield File(path.stem, path.read_text(encoding="utf-8"))


def _quoted(text: str) -> str:
    """As a YAML string that means exactly this."""
    return "'" + text.replace("'", "''") + "'"
