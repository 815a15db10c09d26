"""Which of several instances that have the model: the least loaded, but the same one again where that costs nothing."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from provider.core.instances import Instance

SLACK = 1.0  # requests more than the least loaded one may have and still keep its conversations


@dataclass(frozen=True, slots=True)
class Candidate:
    """An instance, its requests in flight, and whether it is well."""

    instance: Instance
    load: int = 0
    is_well: bool = True

    @property
    def is_full(self) -> bool:
        """Whether the next request would have to wait."""
        return bool(self.instance.limit) and self.load >= self.instance.limit

    @property
    def pressure(self) -> float:
        """Requests for each unit of weight, the next one included."""
        return (self.load + 1) / self.instance.weight


def ordered(candidates: Sequence[Candidate], sticky: str = "") -> list[Candidate]:
    """The best first; then those where the request would wait, then those that are not well: better one than none.

    With a `sticky` key the same instance comes first again and again, so that its prompt cache
    serves, as long as its load is within `SLACK` of the least.
    """
    by_load = sorted(candidates, key=lambda each: (not each.is_well, each.is_full, each.pressure))
    well = [each for each in by_load if each.is_well and not each.is_full]
    if not sticky or len(well) < 2:  # noqa: PLR2004 - nothing to choose
        return by_load
    favourite = max(well, key=lambda each: _score(each.instance, sticky))
    if favourite.pressure - well[0].pressure > SLACK / favourite.instance.weight:
        return by_load
    return [favourite, *(each for each in by_load if each is not favourite)]


def _score(instance: Instance, sticky: str) -> float:
    """Weighted rendezvous hashing: when an instance goes or comes, only its own keys move."""
    digest = hashlib.blake2b(f"{instance.url}\n{sticky}".encode(), digest_size=8).digest()
    share = (int.from_bytes(digest) + 1) / (2**64 + 1)
    return -instance.weight / math.log(share)
