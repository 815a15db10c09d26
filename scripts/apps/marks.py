"""How an app of ours is found again in Dify: by a mark at the end of its description.

`local-models:NAME` says whose it is, `local-models:NAME:DIGEST` that it is also complete: published, its API on, from
a file with this digest. The digest is written last, so a run that was cut short is noticed and done again.
"""

import re
from collections.abc import Iterable

from scripts.apps.files import File
from scripts.dify.apps import App

MARK = re.compile(r"\s*·?\s*local-models:([a-z0-9_]+)(?::([0-9a-f]{8}))?$")


def begun(file: File) -> str:
    """The description of an app that is being made."""
    return f"{file.description} · local-models:{file.name}"


def complete(file: File) -> str:
    """The description of an app that is as its file says."""
    return f"{begun(file)}:{file.digest}"


def name_of(app: App) -> str:
    """The name of our file that it was made from; empty for somebody else's app."""
    found = MARK.search(app.description)
    return found[1] if found else ""


def is_current(app: App, file: File) -> bool:
    """Whether nothing is left to do. What somebody edited in the browser since is theirs and stays."""
    found = MARK.search(app.description)
    return bool(found and found[2] == file.digest and app.is_published)


def ours(apps: Iterable[App]) -> dict[str, list[App]]:
    """Our apps by the names of their files; more than one of a name if a run was cut short."""
    found: dict[str, list[App]] = {}
    for app in apps:
        if name := name_of(app):
            found.setdefault(name, []).append(app)
    return found
