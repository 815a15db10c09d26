"""How an app of ours is found again in Dify: by a mark at the end of its description.

`local-models:NAME` says whose it is, `local-models:NAME:DIGEST:ID` that it is also complete: published, its API on,
from a file with this digest. That is written last, so a run that was cut short is noticed and done again. ID ends the
app's own id: a copy that somebody made in Dify has another one, so it is theirs.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from scripts.apps.files import File
from scripts.dify.apps import App

MARK = re.compile(r"\s*·?\s*local-models:([a-z0-9_]+)(?::([0-9a-f]{8}):([0-9a-f]{8}))?$")
ID_LENGTH = 8  # from the end: of some ids the beginning is the time


def begun(file: File) -> str:
    """The description of an app that is being made."""
    return f"{file.description} · local-models:{file.name}"


def complete(file: File, app_id: str) -> str:
    """The description of an app that is as its file says."""
    return f"{begun(file)}:{file.digest}:{app_id[-ID_LENGTH:]}"


def name_of(app: App) -> str:
    """The name of our file that it was made from; empty for somebody else's app."""
    found = MARK.search(app.description)
    return found[1] if found and found[3] in (None, app.id[-ID_LENGTH:]) else ""


def is_current(app: App, file: File) -> bool:
    """Whether nothing is left to do. What somebody edited in the browser since is theirs and stays."""
    found = MARK.search(app.description)
    return bool(found and found[2] == file.digest and app.is_published)


def state(there: Sequence[App]) -> Literal["missing", "incomplete", "there"]:
    """Of the apps with one name, as far as it can be told without the file."""
    if not there:
        return "missing"
    found = MARK.search(there[0].description)
    return "there" if found and found[2] and there[0].is_published else "incomplete"


def ours(apps: Iterable[App]) -> dict[str, list[App]]:
    """Our apps by the names of their files; more than one of a name if a run was cut short."""
    found: dict[str, list[App]] = {}
    for app in apps:
        if name := name_of(app):
            found.setdefault(name, []).append(app)
    return found
