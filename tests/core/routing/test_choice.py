"""Which instance comes first."""

from collections import Counter

import pytest

from provider.core.instances import Instance
from provider.core.routing.choice import Candidate, ordered


def candidate(name: str, load: int = 0, weight: float = 1, *, is_well: bool = True, limit: int = 0) -> Candidate:
    return Candidate(Instance(name, (f"http://{name}",), weight=weight, limit=limit), load, is_well)


def names(candidates: list[Candidate], sticky: str = "") -> list[str]:
    return [each.instance.name for each in ordered(candidates, sticky)]


@pytest.mark.parametrize(
    ("candidates", "first"),
    [
        ([candidate("a", 2), candidate("b", 1)], "b"),
        ([candidate("a"), candidate("b")], "a"),
        ([candidate("a", 3, weight=4), candidate("b", 1)], "a"),
        ([candidate("a", is_well=False), candidate("b", 9)], "b"),
        ([candidate("a", is_well=False)], "a"),
        ([candidate("a", 1, weight=100, limit=1), candidate("b", 5)], "b"),
        ([candidate("a", 1, limit=1), candidate("b", is_well=False)], "a"),
    ],
)
def test_the_least_loaded_by_weight_comes_first(candidates: list[Candidate], first: str) -> None:
    assert names(candidates)[0] == first


def test_one_conversation_stays_where_it_was() -> None:
    idle = [candidate(name) for name in "abc"]
    favourite = names(idle, "conversation")[0]

    for loads in ((0, 0, 0), (1, 1, 1), (5, 5, 5)):
        busy = [candidate(name, load) for name, load in zip("abc", loads, strict=True)]
        assert names(busy, "conversation")[0] == favourite


def test_a_busy_favourite_is_left_for_a_free_one() -> None:
    favourite = names([candidate("a"), candidate("b")], "conversation")[0]
    other = "b" if favourite == "a" else "a"

    assert names([candidate(favourite, 3), candidate(other)], "conversation")[0] == other


@pytest.mark.parametrize("key", [f"conversation {at}" for at in range(20)])
def test_no_conversation_waits_at_a_full_server_while_another_is_free(key: str) -> None:
    assert names([candidate("a", 1, limit=1), candidate("b")], key)[0] == "b"


def test_conversations_spread_by_weight() -> None:
    first = Counter(names([candidate("a", weight=3), candidate("b")], f"conversation {at}")[0] for at in range(2000))

    assert 0.70 < first["a"] / 2000 < 0.80


def test_when_a_server_goes_only_its_own_conversations_move() -> None:
    keys = [f"conversation {at}" for at in range(200)]
    before = {key: names([candidate(name) for name in "abc"], key)[0] for key in keys}
    after = {key: names([candidate(name) for name in "ab"], key)[0] for key in keys}

    assert all(after[key] == before[key] for key in keys if before[key] != "c")
