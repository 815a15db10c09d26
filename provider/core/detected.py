"""What was found when the credentials were saved: kept with them, so that nothing has to be asked later."""

import json
from dataclasses import dataclass
from typing import Any

from provider.core.model_info import ModelInfo

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Detected:
    """`asked` is what the form said then; when the form says something else now, these facts are void.

    Address and kind are those of the instance that has the model; `instances` has the facts of each.
    """

    asked: str
    url: str
    kind: str
    flavour: str = ""
    version: str = ""
    model: ModelInfo | None = None
    instances: tuple[dict[str, Any], ...] = ()

    def dumps(self) -> str:
        """One line of JSON: Dify keeps credentials as strings."""
        facts: dict[str, Any] = {"format": FORMAT, "asked": self.asked, "url": self.url, "kind": self.kind}
        facts |= {"flavour": self.flavour, "version": self.version}
        if self.model:
            facts["model"] = self.model.as_dict()
        if self.instances:
            facts["instances"] = self.instances
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "Detected | None":
        """`None` for what another format or another hand wrote."""
        try:
            facts = json.loads(text)
            if facts["format"] != FORMAT:
                return None
            model = ModelInfo.from_dict(facts["model"]) if facts.get("model") else None
            instances = tuple({"name": each["name"], "url": each["url"], **each} for each in facts.get("instances", ()))
            where = (facts["asked"], facts["url"], facts["kind"], facts["flavour"], facts["version"])
            return cls(*where, model, instances)
        except (ValueError, KeyError, TypeError):
            return None

    def facts_of(self, name: str, *, alone: bool) -> dict[str, Any] | None:
        """The facts of one instance; with one server only they are these."""
        if alone:
            return {"url": self.url, "kind": self.kind, "flavour": self.flavour, "version": self.version}
        return next((each for each in self.instances if each["name"] == name), None)
