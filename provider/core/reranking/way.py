"""How a model reranks: the dialect it answers in and the scale of its scores, as found by asking it."""

import json
from dataclasses import dataclass

BY_EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class Way:
    """`url` is the server this was found at; `logits` is `None` while no score was seen."""

    url: str
    dialect: str
    logits: bool | None = None

    @property
    def is_by_embedding(self) -> bool:
        return self.dialect == BY_EMBEDDING

    def dumps(self) -> str:
        """One line of JSON: Dify keeps credentials as strings."""
        return json.dumps({"url": self.url, "dialect": self.dialect, "logits": self.logits}, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "Way | None":
        """`None` for what another version or another hand wrote."""
        try:
            facts = json.loads(text)
            url, dialect, logits = facts["url"], facts["dialect"], facts["logits"]
        except (ValueError, KeyError, TypeError):
            return None
        known = isinstance(url, str) and isinstance(dialect, str) and logits in (True, False, None)
        return cls(url, dialect, logits) if known else None
