"""One sync, and what is told of it; and the same again and again, when only what is new is told."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import strftime

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from typer import Exit

from scripts.dify.errors import DifyError, NotReachable, Refused
from scripts.dify.models import Provider
from scripts.dify.patience import patiently
from scripts.dify.plugins import installed
from scripts.dify.session import DifySession
from scripts.dify.telling import exit_code
from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.output import Output
from scripts.sync import screen
from scripts.sync.apply import Outcome
from scripts.sync.options import check_fields
from scripts.sync.plan import CHANGES
from scripts.sync.round import Report, Round
from scripts.sync.servers import Found, Shelf
from scripts.sync.wanted import wanted


@dataclass(frozen=True, slots=True)
class Sync:
    """The two sides, and the round that makes them agree."""

    output: Output
    dify: DifySession
    shelf: Shelf
    round: Round

    def once(self, *, dry_run: bool) -> None:
        """Ends the command when something is wrong."""
        with self.output.doing(f"Looking at {', '.join(self.shelf.names)}"):
            found = self.shelf.look()
        _check_answers(found)
        state = patiently(self.state)
        report = self.round.planned(found, state)
        if dry_run:
            screen.show_plan(self.output, report)
        else:
            report = self._run(report, state)
            screen.show_end(self.output, report)
        for text, fix in screen.troubles(report):
            self.output.bad(text, fix)
        code = _exit_code(report)
        facts = screen.facts(report, self.dify)
        self.output.result({**facts, "dry_run": dry_run, "exit_code": code})
        if code:
            raise Exit(code)

    def state(self) -> Provider:
        """Dify's side: all models in one call, and which version of the plugin looks at them in another."""
        state = self.round.models.state()
        if state is None:
            raise Stop("the plugin is not installed in this Dify", "python -m scripts install")
        check_fields(self.round.wish.fields, state)
        return replace(state, packages=self._packages(state.id.rpartition("/")[0]))

    def _packages(self, plugin: str) -> tuple[str, ...]:
        """Not every account may see them; then an upgrade of the plugin is not noticed."""
        try:
            return tuple(each.identifier for each in installed(self.dify, plugin))
        except (Refused, NotReachable) as error:
            if error.may_pass:
                raise
            return ()

    def _run(self, planned: Report, state: Provider) -> Report:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        changes = sum(step.action in CHANGES for step in planned.steps)
        console = self.output.console
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("Telling Dify", total=changes, visible=changes > 0)

            def on_outcome(outcome: Outcome) -> None:
                bar.advance(task)
                screen.show_change(self.output, outcome)

            return self.round.run(planned.found, state, on_outcome)


@dataclass(slots=True)
class Following:
    """A sync that goes on; `troubles` are those that were told and are not over yet."""

    sync: Sync
    troubles: Mapping[str, str] = field(default_factory=dict)

    def look(self) -> Sequence[Found]:
        return self.sync.shelf.look()

    def forget(self) -> None:
        self.sync.shelf.forget()

    def state(self, found: Sequence[Found]) -> Hashable:
        """What a new round would depend on."""
        marks = tuple((each.model, each.type, str(each.mark)) for each in wanted(found, self.sync.round.wish))
        return marks, tuple(each.error for each in found)

    def settle(self, found: Sequence[Found]) -> bool:
        """Whether Dify agrees now, as far as the servers answer."""
        try:
            state = self.sync.state()
        except Stop as stop:
            if stop.code == exits.USAGE:
                raise
            self._tell({**self.troubles, stop.reason: stop.fix})  # the plugin may be about to be upgraded
            return False
        report = self.sync.round.run(found, state, lambda _: None)
        if report.broken:
            raise report.broken
        for outcome in report.outcomes:
            if not outcome.error:
                screen.show_change(self.sync.output, outcome, _now())
        screen.show_defaults(self.sync.output, report, _now())
        refused = {screen.refusal(each): report.fix for each in report.refused}
        is_news = self._tell({**refused, **dict(screen.troubles(report))})
        if report.done or is_news:
            self.sync.output.result(screen.facts(report, self.sync.dify))
        return not report.refused

    def failed(self, error: DifyError) -> None:
        self._tell({**self.troubles, str(error): error.fix})

    def _tell(self, troubles: Mapping[str, str]) -> bool:
        """Whether there was anything to tell: a trouble that is new, or one that is over."""
        new = {text: fix for text, fix in troubles.items() if text not in self.troubles}
        over = [text for text in self.troubles if text not in troubles]
        for text, fix in new.items():
            self.sync.output.bad(f"{_now()}{text}", fix)
        for text in over:
            self.sync.output.good(f"{_now()}no more: {text}")
        self.troubles = dict(troubles)
        return bool(new or over)


def _now() -> str:
    return strftime("%H:%M:%S ")


def _check_answers(found: Sequence[Found]) -> None:
    """Without any server there is nothing to compare Dify with."""
    silent = [each for each in found if each.error]
    if not found:
        fix = "start one (ollama serve), or say where it is: python -m scripts sync http://HOST:PORT"
        raise Stop("no model server answers at the usual ports of this machine", fix)
    if len(silent) == len(found):
        said = "; ".join(f"{each.instance.name}: {each.error}" for each in silent)
        raise Stop(said, silent[0].fix, servers=[screen.server_facts(each) for each in silent])


def _exit_code(report: Report) -> int:
    if report.broken:
        return exit_code(report.broken)
    return exits.READY if report.is_good else exits.PROBLEM
