"""A chat model wired by hand: it thinks, says one sentence, calls tools, and obeys any grammar.

Six heads each watch for one special token anywhere in the context. Their flags make the rules:

    nothing thought yet                    → <think>, unless the template has closed the block already
    inside <think>                         → a fixed thought, then </think>; the turn cannot end
    <tools>, but no call and no result yet → <tool_call>; the server's grammar does the rest
    after </tool_call>                     → the end of the turn
    otherwise                              → a fixed sentence, then the end of the turn

Where a grammar leaves a choice, the small random weights choose: letters inside a string, and an end before long.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from scripts.embedded.gguf.llama_file import Decoder, Shape, write_llama
from scripts.embedded.gguf.vocabulary import END, START, VISIBLE, Vocabulary
from scripts.embedded.gguf.wiring import CONSTANT, Wiring

type Chain = Sequence[str]

THOUGHT: Chain = ("<think>", "The user says", " something,", " I answer.")
ANSWER: Chain = ("\n", "Hello", " from", " the", " tiny", " test", " model.")
CHAINS = (THOUGHT, ANSWER)  # after the first token of a chain come the others
SHAPE = Shape(width=64, layers=2, heads=8, key_value_heads=8, feed_forward=128, context_length=4096, rope_base=1e8)

MARKERS = ("<tools>", "</tool_call>", "<tool_response>", "<think>", "</think>", "<tool_call>")
NOW = {marker: channel for channel, marker in enumerate(MARKERS, 1)}  # 1 where the token itself is the marker
SEEN = {marker: channel for channel, marker in enumerate(MARKERS, 9)}  # about 1 where the marker came before
SEEN_GAIN = 0.19
FIRST_LINK = 16  # each link of a chain has a channel, from here on
LINK = 9.0
AFTER_BRACE = 60


def write(path: Path) -> None:
    vocabulary = Vocabulary(words=following_words(CHAINS))
    wiring = wire(vocabulary, CHAINS)
    model = Decoder("tiny-chat", "A tiny chat model wired by hand.", SHAPE, vocabulary, wiring.tensors)
    write_llama(path, model, half_precision=False)


def following_words(chains: Sequence[Chain]) -> list[str]:
    return [word for chain in chains for word in chain[1:]]


def wire(vocabulary: Vocabulary, chains: Sequence[Chain]) -> Wiring:
    wiring = Wiring(len(vocabulary), SHAPE)
    _prefer_short_words(wiring, vocabulary)
    _watch_markers(wiring, vocabulary)
    _think_first(wiring, vocabulary)
    _call_tools(wiring, vocabulary)
    _chain_words(wiring, vocabulary, chains)
    return wiring


def link(chains: Sequence[Chain], chain: int, word: int = 0) -> int:
    """The channel of the link that starts at a word of a chain."""
    return FIRST_LINK + sum(len(earlier) for earlier in chains[:chain]) + word


def _prefer_short_words(wiring: Wiring, vocabulary: Vocabulary) -> None:
    """Where anything is allowed: letters rather than signs, never a special token, and an end before long."""
    for byte in range(256):
        wiring.bias(byte, -0.3 if "!" <= chr(byte) <= "~" else -2.0)
    for byte in b"abcdefghijklmnopqrstuvwxyz ":
        wiring.bias(byte, 0.55)
    for token, logit in {'"': 1.5, "}": 0.1, "]": 0.8, ",": -3.0, END: 0.9, "<|endoftext|>": -6.0, START: -6.0}.items():
        wiring.bias(vocabulary[token], logit)
    for token in VISIBLE:
        wiring.bias(vocabulary[token], -6.0)
    for word in vocabulary.words.values():
        wiring.bias(word, -3.0)


def _watch_markers(wiring: Wiring, vocabulary: Vocabulary) -> None:
    wiring.reserve(*NOW.values(), *SEEN.values())
    for head, marker in enumerate(MARKERS):
        wiring.embedding[vocabulary[marker], NOW[marker]] = 1.0
        wiring.watch(head, NOW[marker], {NOW[marker]: SEEN[marker]}, SEEN_GAIN)


def _think_first(wiring: Wiring, vocabulary: Vocabulary) -> None:
    opening, closing, end = (wiring.output[vocabulary[token]] for token in ("<think>", "</think>", END))
    opening[[CONSTANT, SEEN["<think>"], SEEN["</think>"]]] = 30, -60, -60
    closing[[CONSTANT, SEEN["<think>"], SEEN["</think>"]]] = -6, 7, -20
    end[[SEEN["<think>"], SEEN["</think>"]]] = -12, 12.4


def _call_tools(wiring: Wiring, vocabulary: Vocabulary) -> None:
    call = wiring.output[vocabulary["<tool_call>"]]
    call[[CONSTANT, SEEN["<tools>"], SEEN["<tool_call>"], SEEN["<tool_response>"]]] = -6, 24, -50, -50
    call[[SEEN["<think>"], SEEN["</think>"]]] = -24, 24  # not while thinking
    wiring.output[vocabulary["\n"], NOW["<tool_call>"]] = 14.0
    wiring.output[vocabulary[END], NOW["</tool_call>"]] = 30.0
    # Close a call with its one token, never with "<", "/", "t", … byte by byte.
    wiring.bias(vocabulary["<"], -3.0)
    wiring.reserve(AFTER_BRACE)
    wiring.follow(vocabulary["}"], vocabulary["</tool_call>"], AFTER_BRACE, LINK)


def _chain_words(wiring: Wiring, vocabulary: Vocabulary, chains: Sequence[Chain]) -> None:
    for number, chain in enumerate(chains):
        last = "</think>" if chain[0] == "<think>" else END
        for word, (token, following) in enumerate(pairwise([*chain, last])):
            channel = link(chains, number, word)
            wiring.reserve(channel)
            wiring.follow(vocabulary[token], vocabulary[following], channel, LINK)
            if token == "\n":
                _start_answer(wiring, vocabulary, channel)


def _start_answer(wiring: Wiring, vocabulary: Vocabulary, channel: int) -> None:
    """An answer starts after a line end, but also right after </think>; and a line end may be the end of a call."""
    wiring.embedding[vocabulary["</think>"], channel] = 1.0
    wiring.output[vocabulary["</tool_call>"], channel] = 8.0
