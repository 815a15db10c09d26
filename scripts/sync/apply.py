"""The plan, call by call. Each call may be the last one: the next sync finds what is done and does the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scripts.dify.errors import DifyError, NotReachable, Refused, SignInFailed
from scripts.dify.models import Models
from scripts.dify.patience import patiently
from scripts.sync.plan import CHANGES, Step

ENOUGH = 2  # models refused with the same words, which are about their server then: the others would be as well
DONE_BEFORE = ("already exists", "not found")  # a call was answered, but the answer was lost


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
    wanted, credential = step.wanted, step.credential
    try:
        if credential is None and wanted:
            models.add(wanted.model, wanted.type, str(wanted.mark), wanted.credentials)
        elif credential and wanted:
            renamed = replace(credential, name=str(wanted.mark))
            models.change(wanted.model, wanted.type, renamed, wanted.credentials)
        elif credential:
            models.remove(step.model, step.type, credential.id)
    except Refused as error:
        if not any(words in str(error) for words in DONE_BEFORE):
            raise
