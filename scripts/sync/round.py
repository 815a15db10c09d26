"""One round: look at the servers, look at Dify, and make Dify agree."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from provider.core.address import is_this_machine
from scripts.dify.errors import DifyError, Refused
from scripts.dify.models import Default, Models, Provider
from scripts.dify.patience import patiently
from scripts.sync.apply import Outcome, apply
from scripts.sync.marks import plugin_of
from scripts.sync.plan import Doubt, Step, plan
from scripts.sync.seen import FLAG, USUAL_HOSTS
from scripts.sync.servers import Found
from scripts.sync.wanted import Wanted, Wish, name_in_dify, unusable, wanted

NOT_OFFERED = "Dify has saved it, but does not offer it for choice: look at the log of plugin_daemon"
IN_CONTAINERS = (
    f"if Dify runs in containers, 127.0.0.1 is the container itself: {FLAG} {USUAL_HOSTS[0]} "
    "(on Linux this name needs extra_hosts, and the server must listen for containers: docs/sync.md)"
)

type OnOutcome = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, what was meant, and what came of it."""

    found: Sequence[Found]
    steps: Sequence[Step]
    unusable: Sequence[tuple[str, str]] = ()
    outcomes: Sequence[Outcome] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)  # that were set now
    fix: str = ""  # for what was refused
    broken: DifyError | None = None  # Dify was lost in the middle

    @property
    def done(self) -> list[Step]:
        return [each.step for each in self.outcomes if not each.error]

    @property
    def refused(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.error]

    @property
    def is_good(self) -> bool:
        return not (self.refused or self.broken or self.unusable or any(each.error for each in self.found))


@dataclass(frozen=True, slots=True)
class Round:
    """Everything that stays the same from round to round."""

    models: Models
    wish: Wish
    prune: bool = False
    preferred: str = ""  # as default model

    def run(self, found: Sequence[Found], state: Provider, on_outcome: OnOutcome) -> Report:
        """Raises `DifyError` only when nothing was changed yet."""
        report = self.planned(found, state)
        types = {step.type for step in report.steps if step.wanted and step.type in state.types}
        before = {each: patiently(lambda each=each: self.models.default(each)) for each in sorted(types)}
        outcomes: list[Outcome] = []
        try:
            for outcome in apply(self.models, report.steps):
                outcomes.append(outcome)
                on_outcome(outcome)
            outcomes = self._offered(outcomes)
            defaults = self._set_defaults(before, report.steps, outcomes, state)
        except DifyError as error:
            return replace(report, outcomes=outcomes, broken=error)
        report = replace(report, outcomes=outcomes, defaults=defaults)
        return replace(report, fix=self._fix(report))

    def planned(self, found: Sequence[Found], state: Provider) -> Report:
        """Changes nothing, and asks nobody."""
        asked = wanted(found, replace(self.wish, plugin=plugin_of(state.packages)))
        names = {each.model for each in asked}
        concerned = tuple(each for each in state.models if each.name in names or self.wish.includes(each.name))
        left_out = tuple(unusable(found, self.wish))
        doubt = Doubt(any(each.error for each in found), {name_in_dify(name) for name, _ in left_out})
        steps = plan(replace(state, models=concerned), asked, doubt, label=self.wish.label, prune=self.prune)
        return Report(found, steps, left_out)

    def _offered(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Dify may say yes, and not list the model: versions before 1.8 do, or when its schema cannot be read."""
        if not any(each.step.wanted and not each.error for each in outcomes):
            return list(outcomes)
        active = patiently(self.models.active)
        return [
            replace(each, error=NOT_OFFERED)
            if each.step.wanted and not each.error and (each.step.model, each.step.type) not in active
            else each
            for each in outcomes
        ]

    def _set_defaults(
        self, before: Mapping[str, Default | None], steps: Sequence[Step], outcomes: Sequence[Outcome], state: Provider
    ) -> dict[str, str]:
        """Where there was none, or where it is a model of ours that is gone."""
        done = [each.step for each in outcomes if not each.error]
        stands = [step.wanted for step in (*done, *steps) if step.wanted and (step.action == "right" or step in done)]
        there = {(each.name, each.type) for each in state.models} - {(each.model, each.type) for each in done}
        there |= {(each.model, each.type) for each in stands}
        chosen: dict[str, str] = {}
        for model_type, default in before.items():
            candidates = [each for each in stands if each.type == model_type]
            if candidates and (default is None or self._is_gone(default, model_type, there)):
                model = self._best(candidates).model
                with suppress(Refused):  # it may be switched off; then Dify chooses for itself
                    patiently(lambda each=model_type, model=model: self.models.set_default(each, model))
                    chosen[model_type] = model
        return chosen

    def _is_gone(self, default: Default, model_type: str, there: Collection[tuple[str, str]]) -> bool:
        """A model that was not added by name, such as `auto`, is only in the list of what Dify offers."""
        model = (default.model, model_type)
        if default.provider != self.models.provider or model in there:
            return False
        return model not in patiently(self.models.active)

    def _best(self, candidates: Sequence[Wanted]) -> Wanted:
        """The one that was named, else one that is loaded, else the first."""
        return max(candidates, key=lambda each: (each.model == self.preferred, each.loaded))

    def _fix(self, report: Report) -> str:
        """For servers at this machine's own address: where Dify reaches them, if one of the usual names will do."""
        reached = {each.wanted.base_url for each in report.steps if each.wanted and each.action == "right"}
        reached |= {each.step.wanted.base_url for each in report.outcomes if each.step.wanted and not each.error}
        refused = [each.step.wanted for each in report.refused if each.step.wanted]
        failed = next((each for each in refused if each.base_url not in reached), None)
        if failed is None or self.wish.host or not any(is_this_machine(each.url) for each in report.found if each.url):
            return ""
        for host in USUAL_HOSTS:
            again = wanted(report.found, replace(self.wish, host=host))
            same = next(each for each in again if (each.model, each.type) == (failed.model, failed.type))
            if self._works(same):
                return f"Dify reaches it at {host}: run it again with {FLAG} {host}, or set DIFY_SEES_SERVERS_AT={host}"
        return IN_CONTAINERS

    def _works(self, wanted: Wanted) -> bool:
        try:
            return not self.models.check(wanted.model, wanted.type, wanted.credentials)
        except DifyError:
            return False
