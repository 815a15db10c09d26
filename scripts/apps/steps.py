"""One app, from its file to its key; every step may have been done by a run that was cut short."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scripts.apps import marks
from scripts.apps.files import File
from scripts.dify.apps import WITH_WORKFLOW, App, Apps
from scripts.dify.errors import Refused

Action = Literal["create", "update", "nothing"]


@dataclass(frozen=True, slots=True)
class Made:
    """An app in Dify that is as its file says."""

    name: str
    id: str
    title: str
    mode: str
    key: str
    action: Action


def action_for(file: File, there: Sequence[App]) -> Action:
    """What has to be done for a file."""
    if not there:
        return "create"
    return "nothing" if marks.is_current(there[0], file) else "update"


def make(apps: Apps, file: File, there: Sequence[App], plugin: str, known_key: str = "") -> Made:
    """`plugin` is the package that gives the model, `known_key` one that was used before. Raises `DifyError`."""
    action = action_for(file, there)
    app_id = there[0].id if action == "nothing" else _brought(apps, file, there, plugin)
    for spare in there[1:]:  # of a run that was cut short between importing and noting it
        apps.delete(spare.id)
    return Made(file.name, app_id, file.title, file.mode, apps.key(app_id, known_key), action)


def _brought(apps: Apps, file: File, there: Sequence[App], plugin: str) -> str:
    text = file.for_dify(marks.begun(file), plugin)
    overwrites = bool(there) and file.mode in WITH_WORKFLOW and there[0].mode == file.mode
    app_id = apps.bring(text, there[0].id if overwrites else "")
    if there and not overwrites:
        apps.delete(there[0].id)
    if missing := apps.missing(app_id):
        raise Refused(f"Dify lacks {', '.join(missing)}", "install it in Dify, then run this again")
    if file.mode in WITH_WORKFLOW:
        apps.publish(app_id)
    apps.enable_api(app_id)
    apps.describe(apps.get(app_id), marks.complete(file, app_id))
    return app_id
