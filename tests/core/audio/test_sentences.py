"""Where a long text is cut before it is spoken."""

import pytest

from provider.core.audio.sentences import pieces


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("One. Two. Three.", 100, ["One. Two. Three."]),
        ("One. Two. Three.", 10, ["One. Two.", "Three."]),
        ("Pi is 3.14 here. Good.", 17, ["Pi is 3.14 here.", "Good."]),
        ('He said "Go!" Then he went.', 15, ['He said "Go!"', "Then he went."]),
        ("你好。今天天气很好！我们走吧？", 8, ["你好。", "今天天气很好！", "我们走吧？"]),
        ("first, second, third", 14, ["first, second,", "third"]),
        ("one two three", 8, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("Line\n\nNext", 5, ["Line", "Next"]),
        (" \n ", 5, []),
        ("", 5, []),
    ],
)
def test_it_is_cut_where_a_speaker_would_breathe(text, limit, parts):
    assert pieces(text, limit) == parts


@pytest.mark.parametrize("limit", [1, 3, 20, 50])
def test_nothing_is_lost_and_nothing_is_too_long(limit):
    text = "Dr. Who came, at 3.15 p.m.; he said: “Hello!” 他说：你好。Then\nhe left… Verylongwordwithoutanyborder." * 3

    parts = pieces(text, limit)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert max(map(len, parts)) <= limit
    assert "" not in parts
