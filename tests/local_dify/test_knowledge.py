"""Search by words, as an economy index does it."""

from hypothesis import given
from hypothesis import strategies as st

from local_dify.service.knowledge import LONGEST, Knowledge

FACTS = Knowledge(
    "facts",
    "Ollama listens on port 11434.\n\nllama.cpp listens on port 8080.\n\nA zebra has stripes.\n\n本地模型在您自己的电脑上运行。",
)


def found(query: str, most: int = 4) -> list[str]:
    return [passage.text for passage in FACTS.search(query, most)]


def test_the_passage_with_the_rarer_words_comes_first():
    assert found("Which port does Ollama listen on?") == [
        "Ollama listens on port 11434.",
        "llama.cpp listens on port 8080.",
    ]


def test_no_more_passages_come_than_are_asked_for():
    assert found("port", most=1) == ["Ollama listens on port 11434."]


def test_words_that_are_nowhere_find_nothing():
    assert found("giraffe") == found("") == found("what is the") == []


def test_scripts_without_spaces_are_found_by_their_signs():
    assert found("模型") == ["本地模型在您自己的电脑上运行。"]


def test_a_whole_match_scores_one():
    assert [round(passage.score, 6) for passage in FACTS.search("zebra stripes", 1)] == [1.0]


def test_an_empty_text_has_nothing_to_find():
    assert Knowledge("nothing", "").search("port", 4) == []


@given(st.text())
def test_every_passage_is_short_and_together_they_are_the_text(text):
    passages = Knowledge("any", text)._passages

    assert all(0 < len(passage) <= LONGEST for passage in passages)
    assert "".join("".join(passages).split()) == "".join(text.split())
