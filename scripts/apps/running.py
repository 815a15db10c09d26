"""All apps in one order, and what came of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.apps import keys, library, marks, steps
from scripts.apps.files import File
from scripts.apps.files import files as files_of
from scripts.apps.lending import Note
from scripts.apps.steps import Action, Made
from scripts.dify.apps import Apps
from scripts.dify.errors import DifyError, NotReachable, SignInFailed
from scripts.dify.models import Models
from scripts.dify.ours import our_provider
from scripts.dify.plugins import installed
from scripts.dify.session import DifySession
from scripts.dify.telling import exit_code
from scripts.kit import exits
from scripts.kit.command import Stop

SAVE_FORM = (
    "Settings → Model Provider → Local Models: type your server's address, which gives the model auto; "
    "or name a model that is there with --model (python -m scripts sync brings them)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What holds for all apps. `plugin` is the package that gives the model, empty if none is needed."""

    model: str
    plugin: str
    patience: float
    keys: Path


@dataclass(frozen=True, slots=True)
class NotMade:
    """An app that Dify did not take, with its words and a remedy."""

    name: str
    error: str
    fix: str
    exit_code: int


@dataclass(slots=True)
class Report:
    """What was done, and what not."""

    made: list[Made] = field(default_factory=list)
    refused: list[NotMade] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        codes = {each.exit_code for each in self.refused}
        return codes.pop() if len(codes) == 1 else exits.PROBLEM if codes else exits.READY


def check(dify: DifySession, model: str) -> str:
    """The plugin is there, and has the model; its package. Raises `Stop` with what to run."""
    models = Models(dify, our_provider())
    if models.state() is None:
        raise Stop(f"the plugin is not installed in Dify at {dify.url}", "python -m scripts install")
    usable = sorted(name for name, kind in models.active() if kind == "llm")
    if model not in usable:
        there = f"; there are {', '.join(usable)}" if usable else ""
        raise Stop(f"Dify at {dify.url} has no usable model {model}{there}", SAVE_FORM)
    return next((each.identifier for each in installed(dify, our_provider().rpartition("/")[0])), "")


def plan(dify: DifySession, files: Sequence[File], model: str) -> list[tuple[File, Action]]:
    """What `up` would do."""
    there = marks.ours(Apps(dify).all())
    dataset = library.find(dify) if any(file.wants_knowledge for file in files) else None
    ready = [file.ready(model, dataset.id if dataset else "") for file in files]
    return [(file, steps.action_for(file, there.get(file.name, []))) for file in ready]


def up(dify: DifySession, files: Sequence[File], asked: Asked, on_step: Callable[[str], None]) -> Report:
    """Every app that Dify takes; one that is refused does not stop the others. Raises `DifyError` if Dify is gone."""
    apps, report = Apps(dify), Report()
    there, known = marks.ours(apps.all()), keys.known(asked.keys, dify.url)
    for file in files:
        on_step(file.title)
        try:
            ready = file.ready(asked.model, _knowledge(dify, file, asked))
            ours, key = there.get(file.name, []), known.get(file.name, "")
            made = steps.make(apps, ready, ours, asked.plugin, key)
            keys.write(asked.keys, dify.url, [made])
            report.made.append(made)
            if file.wants_knowledge:
                library.drop_old(dify)
        except (NotReachable, SignInFailed):
            raise
        except DifyError as error:
            report.refused.append(NotMade(file.name, str(error), error.fix, exit_code(error)))
    return report


def _knowledge(dify: DifySession, file: File, asked: Asked) -> str:
    if not file.wants_knowledge:
        return ""
    return library.fill(dify, Note(asked.keys, dify.url), asked.patience).id


def down(
    dify: DifySession, names: Sequence[str], keys_file: Path, on_step: Callable[[str], None]
) -> tuple[list[str], list[str]]:
    """Removes apps of ours, all or those named, and with the app that looks into it the knowledge: names, datasets."""
    apps, gone = Apps(dify), []
    for name, there in marks.ours(apps.all()).items():
        if names and name not in names:
            continue
        for app in there:
            on_step(app.name)
            apps.delete(app.id)
        gone.append(name)
    wanted = not names or any(file.wants_knowledge for file in files_of(names))
    return gone, library.remove(dify, Note(keys_file, dify.url)) if wanted else []
