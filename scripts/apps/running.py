"""All apps in one order, and what came of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scripts.apps import library, marks, steps
from scripts.apps.files import File
from scripts.apps.steps import Action, Made
from scripts.dify.apps import Apps
from scripts.dify.errors import DifyError, Refused
from scripts.dify.models import Models
from scripts.dify.ours import our_provider
from scripts.dify.session import DifySession
from scripts.kit.command import Stop

SAVE_FORM = (
    "Settings → Model Provider → Local Models: type your server's address, which gives the model auto; "
    "or name a model that is there with --model (python -m scripts sync brings them)"
)


@dataclass(slots=True)
class Report:
    """What was done, or would be. `refused` are names with Dify's words and a remedy."""

    made: list[Made] = field(default_factory=list)
    planned: list[tuple[File, Action]] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    dataset: str = ""


def check(dify: DifySession, model: str) -> None:
    """The plugin is there, and has the model. Raises `Stop` with what to run."""
    models = Models(dify, our_provider())
    if models.state() is None:
        raise Stop(f"the plugin is not installed in Dify at {dify.url}", "python -m scripts install")
    usable = sorted(name for name, kind in models.active() if kind == "llm")
    if model not in usable:
        there = f"; there are {', '.join(usable)}" if usable else ""
        raise Stop(f"Dify at {dify.url} has no usable model {model}{there}", SAVE_FORM)


def plan(dify: DifySession, files: Sequence[File], model: str) -> Report:
    """What `up` would do."""
    there = marks.ours(Apps(dify).all())
    dataset = library.find(dify) if any(file.wants_knowledge for file in files) else None
    ready = [file.ready(model, dataset.id if dataset else "") for file in files]
    return Report(planned=[(file, steps.action_for(file, there.get(file.name, []))) for file in ready])


def up(dify: DifySession, files: Sequence[File], model: str, patience: float, on_step: Callable[[str], None]) -> Report:
    """Every app that Dify takes; one that is refused does not stop the others. Raises `DifyError` if Dify is gone."""
    apps, report = Apps(dify), Report()
    there = marks.ours(apps.all())
    for file in files:
        on_step(file.title)
        try:
            knowledge = _knowledge(dify, report, patience) if file.wants_knowledge else ""
            report.made.append(steps.make(apps, file.ready(model, knowledge), there.get(file.name, [])))
        except Refused as error:
            report.refused.append((file.name, str(error), error.fix))
        except DifyError as error:
            if not file.wants_knowledge or error.status:
                raise
            report.refused.append((file.name, str(error), error.fix))
    return report


def _knowledge(dify: DifySession, report: Report, patience: float) -> str:
    dataset = library.fill(dify, patience)
    report.dataset = dataset.name
    return dataset.id


def down(dify: DifySession, names: Sequence[str], on_step: Callable[[str], None]) -> tuple[list[str], list[str]]:
    """Removes apps of ours, all or those named, and with the app that looks into it the knowledge. Titles, datasets."""
    apps, gone = Apps(dify), []
    for name, there in marks.ours(apps.all()).items():
        if names and name not in names:
            continue
        for app in there:
            on_step(app.name)
            apps.delete(app.id)
        gone.append(name)
    wanted = not names or "knowledge_qa" in names
    return gone, library.remove(dify) if wanted else []
