"""The plan, call by call. Each call may be the last one: the next sync finds what is done and does the rest."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from scripts.dify.errors import DifyError, NotReachable, Refused, SignInFailed
from scripts.dify.models import Models
from scripts.dify.patience import patiently
from scripts.sync.plan import CHANGES, Step

ENOUGH = 2  # models refused with the same words, which are about their server then: the others would be as well
GONE = "not found"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error` is empty when Dify did it."""

    step: Step
    error: str = ""


def apply(models: Models, steps: Sequence[Step]) -> Iterator[Outcome]:
    """What came of each change; a refused one does not keep the others from being tried.

    Raises:
        DifyError: Dify cannot be reached any more, or wants another sign-in.
    """
    refused: dict[str, list[str]] = {}
    for step in steps:
        if step.action not in CHANGES:
            continue
        server = step.wanted.base_url if step.wanted else ""
        words = refused.setdefault(server, [])
        if len(words) >= ENOUGH and len(set(words[-ENOUGH:])) == 1:
            yield Outcome(step, "not tried, because others of this server were refused")
            continue
        outcome = Outcome(step, _error(models, step))
        if outcome.error:
            words.append(outcome.error)
        else:
            words.clear()
        yield outcome


def _error(models: Models, step: Step) -> str:
    try:
        patiently(lambda: _change(models, step))
    except (NotReachable, SignInFailed):
        raise
    except DifyError as error:
        return str(error)
    return ""


def _change(models: Models, step: Step) -> None:
    """What Dify refuses because it is done already was done: its answer was lost."""
    wanted, credential = step.wanted, step.credential
    if credential is None and wanted:
        name = str(wanted.mark)
        with _done_before(f"'{name}' already exists"):
            models.add(wanted.model, wanted.type, name, wanted.credentials)
    elif credential and wanted:
        models.change(wanted.model, wanted.type, replace(credential, name=str(wanted.mark)), wanted.credentials)
    elif credential:
        with _done_before(GONE):
            models.remove(step.model, step.type, credential.id)


@contextmanager
def _done_before(words: str) -> Generator[None]:
    try:
        yield
    except Refused as error:
        if words not in str(error):
            raise
