"""A knowledge base as Dify's economy index is one: no embedding model, the words decide. No I/O."""

import math
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

WORD = re.compile(r"[a-z0-9]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # Latin words; other scripts sign by sign
FREQUENT = frozenset(
    "a an and are as at be by can do does for from how in is it of on or the to what which with".split()
)
LONGEST = 500  # characters of a passage, as Dify cuts it


@dataclass(frozen=True, slots=True)
class Passage:
    position: int
    text: str
    score: float


class Knowledge:
    """Made once for a text, asked by many runs."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._passages = list(_passages(text))
        self._words = [Counter(_words(passage)) for passage in self._passages]

    def search(self, query: str, most: int) -> list[Passage]:
        """The best first; a passage without a word of the query is never found."""
        asked = set(_words(query))
        scored = [(self._score(words, asked), at) for at, words in enumerate(self._words)]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:most]
        return [Passage(at + 1, self._passages[at], score) for score, at in best]

    def found(self, query: str, most: int, dataset: str) -> list[dict[str, Any]]:
        """In the form of a knowledge node's `result`."""
        return [self._entry(passage, rank, dataset) for rank, passage in enumerate(self.search(query, most), 1)]

    def _score(self, words: Counter[str], asked: set[str]) -> float:
        """How much of the question's weight is here: 1 is all of it."""
        whole = sum(self._weight(word) for word in asked)
        return sum(self._weight(word) for word in asked if word in words) / whole if whole else 0.0

    def _weight(self, word: str) -> float:
        return math.log(1 + len(self._words) / (1 + self._occurrences[word])) + 0.01

    @cached_property
    def _occurrences(self) -> Counter[str]:
        return Counter(word for words in self._words for word in words)

    def _entry(self, passage: Passage, rank: int, dataset: str) -> dict[str, Any]:
        place = {
            "_source": "knowledge",
            "dataset_id": dataset,
            "dataset_name": self._name,
            "document_id": _id(self._name),
            "document_name": self._name,
            "data_source_type": "upload_file",
            "segment_id": _id(f"{self._name} {passage.position}"),
            "retriever_from": "workflow",
            "score": passage.score,
            "child_chunks": [],
            "segment_hit_count": 1,
            "segment_word_count": len(passage.text),
            "segment_position": passage.position,
            "segment_index_node_hash": sha256(passage.text.encode()).hexdigest(),
            "doc_metadata": None,
            "position": rank,
        }
        return {"metadata": place, "title": self._name, "files": None, "content": passage.text}


def _passages(text: str) -> Iterator[str]:
    """Paragraphs; a long one is cut at its lines, and a long line where it has to be."""
    for paragraph in re.split(r"\n\s*\n", text):
        rest = paragraph.strip()
        while len(rest) > LONGEST:
            cut = max(rest.rfind("\n", 1, LONGEST), rest.rfind(". ", 1, LONGEST) + 1)
            cut = cut if cut > 0 else LONGEST
            yield rest[:cut].strip()
            rest = rest[cut:].strip()
        if rest:
            yield rest


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.lower()) if word not in FREQUENT]


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))
