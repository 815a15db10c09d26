"""What was found when the credentials were saved: kept with them, so that nothing has to be asked later."""

import json
from dataclasses import dataclass
from typing import Any

from provider.core.model_info import ModelInfo

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Detected:
    """`asked` is what the form said then; when the form says something else now, these facts are void."""

    asked: str
    url: str
    kind: str
    flavour: str = ""
    version: str = ""
    model: ModelInfo | None = None

    def dumps(self) -> str:
        """One line of JSON: Dify keeps credentials as strings."""
        facts: dict[str, Any] = {"format": FORMAT, "asked": self.asked, "url": self.url, "kind": self.kind}
        facts |= {"flavour": self.flavour, "version": self.version}
        if self.model:
            facts["model"] = self.model.as_dict()
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "Detected | None":
        """`None` for what another format or another hand wrote."""
        try:
            facts = json.loads(text)
            if facts["format"] != FORMAT:
                return None
            model = ModelInfo.from_dict(facts["model"]) if facts.get("model") else None
            return cls(facts["asked"], facts["url"], facts["kind"], facts["flavour"], facts["version"], model)
        except (ValueError, KeyError, TypeError):
            return None
