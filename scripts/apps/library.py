"""The knowledge that one of the apps looks into: a dataset whose name holds the digest of its text."""

import hashlib

from scripts.apps.files import KNOWLEDGE, knowledge_text
from scripts.apps.lending import Note, clean, lent
from scripts.dify.errors import DifyError, TookTooLong
from scripts.dify.knowledge import Dataset, Filling, Knowledge
from scripts.dify.session import DifySession

DOCUMENT = "Running models on your own machine"


def dataset_name() -> str:
    """Dify allows 40 characters."""
    return f"{KNOWLEDGE}-{hashlib.sha256(knowledge_text().encode()).hexdigest()[:8]}"


def find(dify: DifySession) -> Dataset | None:
    """The present one, filled or not."""
    return next((each for each in Knowledge(dify).named(KNOWLEDGE) if each.name == dataset_name()), None)


def fill(dify: DifySession, note: Note, patience: float) -> Dataset:
    """The dataset with its text, made if it is missing. Raises `DifyError`."""
    knowledge, there = Knowledge(dify), find(dify)
    if there and there.is_filled:
        clean(knowledge, note)
        return there
    with lent(knowledge, note) as key:
        filling = Filling(dify, key.token)
        dataset = there or filling.create(dataset_name())
        try:
            filling.fill(dataset, DOCUMENT, knowledge_text(), patience)
        except TookTooLong:
            raise  # it may still be done, and the next run finds it
        except DifyError:
            knowledge.delete(dataset)  # an index that failed stays so: the next run begins anew
            raise
    return dataset


def drop_old(dify: DifySession) -> None:
    """Those of older texts, once no app needs them any more. Raises `DifyError`."""
    knowledge = Knowledge(dify)
    for each in knowledge.named(KNOWLEDGE):
        if each.name != dataset_name():
            knowledge.delete(each)


def remove(dify: DifySession, note: Note) -> list[str]:
    """All of ours, and a key that was left; the names of the datasets. Raises `DifyError`."""
    knowledge = Knowledge(dify)
    there = knowledge.named(KNOWLEDGE)
    for each in there:
        knowledge.delete(each)
    clean(knowledge, note)
    return [each.name for each in there]
