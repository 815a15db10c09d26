"""What is known of each instance right now; shared by all calls of the process, kept nowhere else."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from provider.core.routing.circuit import Circuit
from provider.core.routing.gate import Gate

REMEMBERED = 256  # servers


@dataclass(frozen=True, slots=True)
class State:
    circuit: Circuit = field(default_factory=Circuit)
    gate: Gate = field(default_factory=Gate)


class States:
    """One state for each address, whichever form it was typed in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_url: OrderedDict[str, State] = OrderedDict()

    def of(self, url: str) -> State:
        with self._lock:
            state = self._by_url.setdefault(url, State())
            self._by_url.move_to_end(url)
            if len(self._by_url) > REMEMBERED:
                self._by_url.popitem(last=False)
            return state


STATES = States()
