"""What the models of a server taught us while they were asked: shared by all calls, forgotten after a while."""

from dataclasses import dataclass

from provider.core.catalog import Memory
from provider.core.server import Server

_memory = Memory(seconds=600)


@dataclass(slots=True)
class Learned:
    """Changed in place; a lost change is only learned again."""

    without: frozenset[str] = frozenset()  # extras it refuses
    proven: bool = False  # it has answered with all the others
    most: int = 0  # texts it takes at once; 0: nothing known
    limit: int = 0  # tokens it takes in one text; 0: nothing known

    def batch(self, wanted: int) -> int:
        return max(1, min(wanted, self.most or wanted))

    def fewer(self, texts: int) -> None:
        self.most = max(1, min(texts, self.most or texts))

    def shorter(self, tokens: int | None) -> bool:
        """Whether this is news."""
        if not tokens or (self.limit and tokens >= self.limit):
            return False
        self.limit = tokens
        return True


def learned(server: Server, model: str) -> Learned:
    return _memory.get((server, model), Learned)
