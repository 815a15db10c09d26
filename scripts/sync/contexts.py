"""The context length of a model as Dify knows it, and which others are news."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from provider.core.model_info import ModelInfo


@dataclass(frozen=True, slots=True)
class Context:
    """`tokens` is what the plugin finds when it saves now; `rule` says which other lengths are as good."""

    tokens: int = 0  # 0: nobody tells
    rule: Literal["exactly", "at least", "any"] = "any"

    def is_met_by(self, saved: int) -> bool:
        return self.rule == "any" or (saved >= self.tokens if self.rule == "at least" else saved == self.tokens)


def context_of(infos: Sequence[ModelInfo]) -> Context:
    """Of several servers that have the model, the least of what they tell, and the most lenient rule."""
    contexts = [_context(info) for info in infos]
    rule = max((each.rule for each in contexts), key=("exactly", "at least", "any").index)
    return Context(min((each.tokens for each in contexts if each.tokens), default=0), rule)


def _context(info: ModelInfo) -> Context:
    tokens = info.context_length or 0
    if not tokens or (info.kind in ("llamacpp", "lmstudio") and not info.loaded):
        return Context(tokens)  # it is known only while the model is loaded
    if info.kind == "ollama" and not info.fixed_context_length:
        # The plugin orders what Dify knows; a smaller one is loaded for somebody else, and not for long.
        return Context(tokens, "at least" if info.loaded else "any")
    return Context(tokens, "exactly")
