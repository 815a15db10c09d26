"""The server's numbers → scores from 0 to 1 that mean the same in every call, best first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from provider.core.reranking.question import ScoreMode, Wishes

TOLERANCE = 1e-3  # 16-bit arithmetic leaves 1.0001 of a probability


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document by its place in the question, and how well it answers."""

    index: int
    score: float


def are_logits(scores: Sequence[float | None]) -> bool:
    """Whether a score lies outside 0–1, as no probability can."""
    return any(score is not None and not -TOLERANCE <= score <= 1 + TOLERANCE for score in scores)


def scaled(scores: Sequence[float | None], mode: ScoreMode, *, logits: bool) -> list[float | None]:
    """`auto` turns logits into probabilities. Each score is treated alone: one document keeps a sensible score."""
    if mode == "none":
        return list(scores)
    to_scale = sigmoid if mode == "sigmoid" or logits else _clipped
    return [None if score is None else to_scale(score) for score in scores]


def sigmoid(logit: float) -> float:
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    power = math.exp(logit)
    return power / (1 + power)


def ranked(scores: Sequence[float | None], wishes: Wishes) -> list[Ranked]:
    """Sorted first and cut afterwards. A document without a score comes last, with 0 or the lowest score."""
    known = [score for score in scores if score is not None]
    last = min([0.0, *known])
    order = sorted(range(len(scores)), key=lambda at: (scores[at] is None, -(scores[at] or 0.0), at))
    found = [Ranked(at, last if (score := scores[at]) is None else score) for at in order]
    if wishes.threshold is not None:
        found = [each for each in found if each.score >= wishes.threshold]
    return found[: wishes.top_n]


def _clipped(score: float) -> float:
    return min(max(score, 0.0), 1.0)
