"""The knowledge that one of the apps looks into: a dataset whose name holds the digest of its text."""

import hashlib

from scripts.apps.files import KNOWLEDGE, knowledge_text
from scripts.dify.knowledge import Dataset, opened
from scripts.dify.session import DifySession

DOCUMENT = "Running models on your own machine"


def dataset_name() -> str:
    """Dify allows 40 characters."""
    return f"{KNOWLEDGE}-{hashlib.sha256(knowledge_text().encode()).hexdigest()[:8]}"


def find(dify: DifySession) -> Dataset | None:
    """The present one, filled or not."""
    with opened(dify) as knowledge:
        return next((each for each in knowledge.named(KNOWLEDGE) if each.name == dataset_name()), None)


def fill(dify: DifySession, patience: float) -> Dataset:
    """The dataset with its text, made if it is missing; those of older texts are removed. Raises `DifyError`."""
    with opened(dify) as knowledge:
        there = knowledge.named(KNOWLEDGE)
        current = next((each for each in there if each.name == dataset_name()), None)
        current = current or knowledge.create(dataset_name())
        knowledge.fill(current, DOCUMENT, knowledge_text(), patience)
        for each in there:
            if each.name != current.name:
                knowledge.delete(each)
        return current


def remove(dify: DifySession) -> list[str]:
    """All of ours; their names."""
    with opened(dify) as knowledge:
        there = knowledge.named(KNOWLEDGE)
        for each in there:
            knowledge.delete(each)
        return [each.name for each in there]
