"""Byte-pair encoding as llama.cpp does it: which pieces of text become tokens, and a text as tokens."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

import regex  # the only one that knows \p{L}; dify-plugin brings it

from scripts.embedded.gguf.vocabulary import CONTROL, VISIBLE, Merge, Vocabulary, spelled

type Word = tuple[str, ...]

# llama.cpp's rule for the tokenizer "gpt-2".
SPLIT = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)")
SPECIAL = regex.compile("(" + "|".join(regex.escape(token) for token in CONTROL + VISIBLE) + ")")


def learn_merges(texts: Iterable[str], number: int) -> list[Merge]:
    """Again and again, the most frequent pair of neighbours becomes one token."""
    words = _count_words(texts)
    merges: list[Merge] = []
    while len(merges) < number and (pairs := _count_pairs(words)):
        # Of equally frequent pairs the last in the alphabet, so that the result does not depend on the order.
        merges.append(max(pairs, key=lambda pair: (pairs[pair], pair)))
        words = _merge_everywhere(words, merges[-1])
    return merges


class Encoder:
    """A text as tokens; equal to the server's `/tokenize`."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._special = vocabulary.special
        self._ids = {token: number for number, token in enumerate(vocabulary.tokens)}
        self._ranks = {merge: rank for rank, merge in enumerate(vocabulary.merges)}
        self._known: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        return [token for part in SPECIAL.split(text) for token in self._encode_part(part)]

    def _encode_part(self, part: str) -> list[int]:
        if part in self._special:
            return [self._special[part]]
        return [token for word in _split(part) for token in self._encode_word(word)]

    def _encode_word(self, word: str) -> list[int]:
        if word not in self._known:
            self._known[word] = [self._ids[token] for token in self._merged(tuple(spelled(word)))]
        return self._known[word]

    def _merged(self, symbols: Word) -> Word:
        while known := [pair for pair in pairwise(symbols) if pair in self._ranks]:
            symbols = _merge(symbols, min(known, key=self._ranks.__getitem__))
        return symbols


def _count_words(texts: Iterable[str]) -> Counter[Word]:
    words: Counter[Word] = Counter()
    parts = (part for text in texts for part in SPECIAL.split(text) if not SPECIAL.fullmatch(part))
    for word, count in Counter(word for part in parts for word in _split(part)).items():
        words[tuple(spelled(word))] += count
    return words


def _count_pairs(words: Counter[Word]) -> Counter[Merge]:
    pairs: Counter[Merge] = Counter()
    for word, count in words.items():
        for pair in pairwise(word):
            pairs[pair] += count
    return pairs


def _merge_everywhere(words: Counter[Word], pair: Merge) -> Counter[Word]:
    merged: Counter[Word] = Counter()
    for word, count in words.items():
        merged[_merge(word, pair) if pair[0] in word else word] += count
    return merged


def _merge(word: Word, pair: Merge) -> Word:
    merged: list[str] = []
    for symbol in word:
        # A symbol that was just merged is longer than the left half, so it cannot be merged twice.
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return tuple(merged)


def _split(text: str) -> Iterator[str]:
    """Text that the rule does not match, such as a run of spaces, is a piece too."""
    end = 0
    for match in SPLIT.finditer(text):
        yield from filter(None, [text[end : match.start()], match.group()])
        end = match.end()
    if end < len(text):
        yield text[end:]
