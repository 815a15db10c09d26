"""What the models of a server taught us while they were asked: shared by all calls, forgotten after a while."""

from collections.abc import Hashable
from dataclasses import dataclass

from provider.core.catalog import Memory
from provider.core.wire.sound import Sound

_memory = Memory(seconds=3600)


@dataclass(slots=True)
class Learned:
    """Changed in place; a lost change is only learned again."""

    route: str = ""  # the one that took a recording
    format: str = ""  # the one it speaks in
    sound: Sound | None = None  # what it really sent


def learned(*key: Hashable) -> Learned:
    return _memory.get(key, Learned)
