"""What has to happen in Dify, decided from both sides' state alone."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scripts.dify.models import Credential, Model, Provider
from scripts.sync.marks import is_ours
from scripts.sync.wanted import Wanted

type Action = Literal["add", "update", "remove", "right", "leave"]

CHANGES = ("add", "update", "remove")


@dataclass(frozen=True, slots=True)
class Step:
    """One model of one type, and what becomes of it. `credential` is the one to update or to remove."""

    action: Action
    model: str
    type: str
    why: str = ""
    wanted: Wanted | None = None
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known of the servers now: nothing that is there is changed because of it."""

    is_silent: bool = False  # one of them
    models: Collection[str] = ()  # that one lists, and cannot tell anything of

    def of(self, model: str) -> str:
        """Empty when all is known."""
        if self.is_silent:
            return "a server does not answer, so it stays as it is"
        return "its server cannot tell what it is now, so it stays as it is" if model in self.models else ""


def plan(state: Provider, wanted: Sequence[Wanted], doubt: Doubt, *, label: str, prune: bool) -> list[Step]:
    there = {(model.name, model.type): model for model in state.models}
    steps = [_for_wanted(each, there.get((each.model, each.type)), state.types, doubt) for each in wanted]
    asked = {(each.model, each.type) for each in wanted}
    gone = [model for key, model in there.items() if key not in asked]
    return [*steps, *(step for model in gone for step in _for_gone(model, label, doubt, prune=prune))]


def _for_wanted(wanted: Wanted, there: Model | None, types: Sequence[str], doubt: Doubt) -> Step:
    if wanted.type not in types:
        return _step("leave", wanted, f"the installed version of the plugin has no {wanted.type} models")
    if there is None or not there.credentials:
        return _step("add", wanted)
    if not there.is_listed:
        return _step("leave", wanted, "was taken off the list in Dify")
    return _for_saved(wanted, there.credentials, doubt.of(wanted.model))


def _for_saved(wanted: Wanted, credentials: Sequence[Credential], doubt: str) -> Step:
    ours = [each for each in credentials if is_ours(each.name, wanted.mark.label)]
    if not ours:
        return _step("leave", wanted, "was added by hand, or by another sync")
    if any(wanted.mark.is_met_by(each.name) for each in ours):
        return _step("right", wanted)
    if doubt:
        return _step("leave", wanted, doubt)
    return _step("update", wanted, wanted.mark.differs_from(ours[0].name), ours[0])


def _step(action: Action, wanted: Wanted, why: str = "", credential: Credential | None = None) -> Step:
    return Step(action, wanted.model, wanted.type, why, wanted, credential)


def _for_gone(model: Model, label: str, doubt: Doubt, *, prune: bool) -> Iterator[Step]:
    """Only what sync made is its concern."""
    for credential in model.credentials:
        if not is_ours(credential.name, label):
            continue
        if why := doubt.of(model.name):
            yield Step("leave", model.name, model.type, why)
        elif prune:
            yield Step("remove", model.name, model.type, "no server has it any more", None, credential)
        else:
            yield Step("leave", model.name, model.type, "no server has it any more; --prune removes it")
