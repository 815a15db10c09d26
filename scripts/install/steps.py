"""From whatever runs in Dify now to the version that was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.dify import plugins
from scripts.dify.errors import DifyError, NotReachable, Refused, TookTooLong
from scripts.dify.forms import Form
from scripts.dify.ours import Plugin
from scripts.dify.patience import patiently
from scripts.dify.plugins import Installed, OnStatus
from scripts.dify.session import DifySession
from scripts.install.forms import Forms, SaveAgain

IN_WORDS = {
    "pending": "installing: the plugin daemon has it in its queue",
    "running": "installing: the plugin daemon fetches the plugin's Python packages and starts it",
    "success": "installed",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `replaced` are the versions that went."""

    changed: bool
    replaced: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    save_again: tuple[SaveAgain, ...] = ()


class Steps:
    """One installation; `on_step` hears what is done at the moment."""

    def __init__(self, dify: DifySession, forms: Forms, patience: float, on_step: OnStatus) -> None:
        self._dify = dify
        self._forms = forms
        self._patience = patience
        self._on_step = on_step

    def run(self, plugin: Plugin) -> Done:
        """Nothing is removed before Dify has taken the new package.

        Raises:
            DifyError: with the cause and the remedy; an old version that was there is back, if Dify lets it.
        """
        self._on_step("looking what is installed")
        there = patiently(lambda: plugins.installed(self._dify, plugin.id))
        old = [each for each in there if each.identifier != plugin.identifier]
        before: list[Form] = []
        if is_new := bool(old or not there):
            identifier = self._upload(plugin)
            before = patiently(self._forms.read) if old else []
            self._replace(plugin.id, identifier, old, before)
        self._on_step("looking at the provider's form")
        restored, save_again = self._forms.restore(before)
        return Done(is_new, tuple(each.version for each in old), tuple(restored), tuple(save_again))

    def _upload(self, plugin: Plugin) -> str:
        self._on_step(f"uploading {plugin.path.name}")
        patiently(lambda: plugins.check_permission(self._dify, plugin.path.stat().st_size))
        return patiently(lambda: plugins.upload(self._dify, plugin.path))

    def _replace(self, plugin_id: str, identifier: str, old: Sequence[Installed], before: Sequence[Form]) -> None:
        """Dify has no way to upgrade a local package in place."""
        for each in old:
            self._on_step(f"uninstalling {each.version}")
            self._uninstall(each)
        try:
            self._install(plugin_id, identifier)
        except (NotReachable, TookTooLong):
            raise  # Dify may still be at it
        except DifyError as error:
            if old:
                error.fix = f"{self._bring_back(plugin_id, old[0], before)} {error.fix}".strip()
            raise

    def _uninstall(self, old: Installed) -> None:
        """Asked twice, because the first answer was lost, Dify finds nothing to uninstall."""
        try:
            patiently(lambda: plugins.uninstall(self._dify, old.installation_id))
        except Refused:
            there = patiently(lambda: plugins.installed(self._dify, old.plugin_id))
            if old.installation_id in [each.installation_id for each in there]:
                raise

    def _install(self, plugin_id: str, identifier: str) -> None:
        self._on_step("installing")
        plugins.install(
            self._dify, identifier, self._patience, lambda status: self._on_step(IN_WORDS.get(status, status))
        )
        there = patiently(lambda: plugins.installed(self._dify, plugin_id))
        if identifier not in [each.identifier for each in there]:
            runs = ", ".join(each.version for each in there) or "nothing"
            raise DifyError(f"Dify says that it is done, but what runs is: {runs}", plugins.LOG_FIX)

    def _bring_back(self, plugin_id: str, old: Installed, before: Sequence[Form]) -> str:
        try:
            self._install(plugin_id, old.identifier)
            _, lost = self._forms.restore(before)
        except DifyError:
            return f"{old.version} is uninstalled and could not be brought back; models added by name are kept."
        forms = "".join(f" Its form “{each.name}” must be saved again: {each.why}." for each in lost)
        return f"{old.version} is back and runs.{forms}"
