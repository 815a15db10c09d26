"""From Ollama's lines to bytes: what a model has, what was there before, what came."""

from dataclasses import dataclass

from scripts.ollama_service import PullProgress

# Bytes; a download brings less before Ollama's first line about a layer, 60 ms after it began to look for its server.
NOT_YET = 1_000_000


@dataclass(slots=True)
class Layer:
    """One file of a model. `there` is what an earlier pull had left."""

    digest: str
    total: int
    completed: int
    there: int

    @property
    def title(self) -> str:
        """Twelve digits of the digest, as Ollama shows it."""
        return self.digest.partition(":")[2][:12]


class Layers:
    """All lines of one pull, added up."""

    def __init__(self) -> None:
        self.by_digest: dict[str, Layer] = {}
        self.status = ""
        self.done = False

    def take(self, progress: PullProgress) -> Layer | None:
        """The layer this line is about, if it is about one."""
        self.status, self.done = progress.status, progress.done
        if not (progress.digest and progress.total):
            return None
        layer = self.by_digest.get(progress.digest)
        if layer is None:
            layer = self.by_digest[progress.digest] = _first(progress)
        layer.total = progress.total
        layer.completed = min(progress.completed, progress.total)  # less than before when a part failed
        layer.there = min(layer.there, layer.completed)
        return layer

    @property
    def total(self) -> int:
        return sum(layer.total for layer in self.by_digest.values())

    @property
    def completed(self) -> int:
        """The last line of a layer, the one with all of it, may never come."""
        return self.total if self.done else sum(layer.completed for layer in self.by_digest.values())

    @property
    def there(self) -> int:
        return sum(layer.there for layer in self.by_digest.values())


def _first(progress: PullProgress) -> Layer:
    """What the first line tells was there, unless it is so little that it may have come just now."""
    there = progress.completed if progress.completed >= NOT_YET else 0
    return Layer(progress.digest, progress.total or 0, progress.completed, there)
