"""Several addresses in one field."""

import pytest

from provider.core.errors import BadSetting
from provider.core.instances import Instance, parse


def read(typed: str) -> list[tuple[str, str, float, int]]:
    return [(each.name, each.url, each.weight, each.limit) for each in parse(typed)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("http://a:11434", [("a:11434", "http://a:11434", 1, 0)]),
        ("http://a:11434,", [("a:11434", "http://a:11434", 1, 0)]),
        ("http://a:1, http://b:2", [("a:1", "http://a:1", 1, 0), ("b:2", "http://b:2", 1, 0)]),
        ("http://a:1\nhttp://b:2/v1", [("a:1", "http://a:1", 1, 0), ("b:2", "http://b:2", 1, 0)]),
        ("http://a:1, big=http://b:2 weight=2", [("a:1", "http://a:1", 1, 0), ("big", "http://b:2", 2, 0)]),
        ("big = http://b:2 weight=0.5 limit=4", [("big", "http://b:2", 0.5, 4)]),
        ("llamacpp:qwen3-coder-30b=http://b:8080", [("llamacpp:qwen3-coder-30b", "http://b:8080", 1, 0)]),
        ("http://a:1 limit=3", [("a:1", "http://a:1", 1, 3)]),
        ("a:1，b:2", [("a:1", "http://a:1", 1, 0), ("b:2", "http://b:2", 1, 0)]),
    ],
)
def test_addresses_may_be_named_and_weighted(typed: str, expected: list[tuple[str, str, float, int]]) -> None:
    assert read(typed) == expected


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "empty"),
        (" , ", "empty"),
        ("http://a:1, http://a:1", "Two servers are called a:1"),
        ("x=http://a:1, x=http://b:2", "Two servers are called x"),
        ("http://a:1 weight=much", "weight"),
        ("http://a:1 weight=0", "weight"),
        ("http://a:1 limit=-1", "limit"),
        ("http://a:1 speed=9, http://b:1", "speed=9"),
        ("http://a:1, ftp://b:2", "ftp"),
    ],
)
def test_a_mistake_is_named(typed: str, words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        parse(typed)


def test_what_was_found_is_kept_with_the_name_and_the_weight() -> None:
    typed = parse("big=b weight=3")[0]

    found = typed.found({"url": "http://b:8080", "kind": "llamacpp", "flavour": "", "version": ""})

    assert found == Instance(
        "big", ("http://b:8080", *(u for u in typed.urls if u != "http://b:8080")), "llamacpp", weight=3
    )
