"""A key for datasets, for the time of a run: one that is there, else one that is made and removed again.

Dify gives such keys no names. So the time is noted in a file before a key is made, and a key of that time, in a
workspace that had none, is recognised as ours by the next run if this one is cut short.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.apps.keys import put, read
from scripts.dify.knowledge import Key, Knowledge

CLOCKS = 60.0  # seconds that Dify's clock and ours may differ, with the time that a call takes


class Note:
    """`path` is the file with the apps' keys; the note lies beside it, and only while it is needed."""

    def __init__(self, path: Path, url: str) -> None:
        self._path, self._url = path.with_name(f"{path.name}.lent"), url

    @property
    def made_at(self) -> float | None:
        """When a key was made, or about to be."""
        there = read(self._path)
        return float(there["at"]) if there.get("url") == self._url and "at" in there else None

    def write(self) -> None:
        put(self._path, {"url": self._url, "at": time.time()})

    def forget(self) -> None:
        if self.made_at is not None:
            self._path.unlink(missing_ok=True)


@contextmanager
def lent(knowledge: Knowledge, note: Note) -> Generator[Key]:
    """The key; it is removed again if it is ours, whatever happens in between. Raises `DifyError`."""
    there = knowledge.all_keys()
    ours = next((key for key in there if _is_ours(key, note.made_at)), None)
    if not there:
        note.write()
        ours = knowledge.new_key()
    try:
        yield ours or there[0]
    finally:
        if ours:
            knowledge.delete_key(ours)
        note.forget()


def clean(knowledge: Knowledge, note: Note) -> None:
    """Removes the key that a run left when it was cut short. Raises `DifyError`."""
    if note.made_at is None:
        return
    for key in knowledge.all_keys():
        if _is_ours(key, note.made_at):
            knowledge.delete_key(key)
    note.forget()


def _is_ours(key: Key, made_at: float | None) -> bool:
    return made_at is not None and abs(key.made_at - made_at) <= CLOCKS
