"""The provider's own form, across a change of versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scripts.dify import forms
from scripts.dify.errors import Refused
from scripts.dify.forms import Form
from scripts.dify.models import Models, Provider
from scripts.dify.patience import patiently
from scripts.dify.session import DifySession

PLACE = "Settings → Model Provider → Local Models"


@dataclass(frozen=True, slots=True)
class SaveAgain:
    """A form that a person has to fill in, and why we could not."""

    name: str
    address: str
    why: str


class Forms:
    """What was saved before, and the attempt to save it again."""

    def __init__(self, dify: DifySession, provider: str, secrets: Mapping[str, str]) -> None:
        self._dify = dify
        self._models = Models(dify, provider)
        self._secrets = secrets

    def read(self) -> list[Form]:
        state = self._state()
        return forms.read_forms(self._dify, state, self._secrets) if state else []

    def restore(self, before: Sequence[Form]) -> tuple[list[str], list[SaveAgain]]:
        """The names of those that are saved again, and those that a person must save.

        Without any from before, an installation that was interrupted may have left one behind.
        """
        state = self._state()
        if state is None:
            return [], [_again(form, "Dify does not list the provider") for form in before]
        there = {form.name for form in state.forms}
        wanted = list(before) or patiently(lambda: forms.left_behind(self._dify, state, self._secrets))
        tried = [(form, self._save(state.id, form)) for form in wanted if form.name not in there]
        saved = [form for form, why in tried if not why]
        self._use([form for form in saved if form.is_current] or saved[:1])
        return [form.name for form in saved], [_again(form, why) for form, why in tried if why]

    def _state(self) -> Provider | None:
        """`None` also of a Dify before 1.8, which tells less than is needed."""
        try:
            return patiently(self._models.state)
        except Refused:
            return None

    def _save(self, provider: str, form: Form) -> str:
        """Empty when it is saved, else the reason why not."""
        if form.hidden:
            return f"Dify does not give {' and '.join(form.hidden)} away"
        try:
            patiently(lambda: forms.save(self._dify, provider, form))
        except Refused as error:
            is_done = f"'{form.name}' already exists" in str(error)  # its answer was lost
            return "" if is_done else str(error)
        return ""

    def _use(self, current: Sequence[Form]) -> None:
        state = self._state() if current else None
        if state:
            patiently(lambda: forms.use(self._dify, state, current[0].name))


def _again(form: Form, why: str) -> SaveAgain:
    return SaveAgain(form.name, form.values.get("base_url", ""), why)
