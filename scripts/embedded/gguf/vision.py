"""A vision model wired by hand: the chat model, given a picture, names the colour that dominates it."""

from pathlib import Path

from scripts.embedded.gguf import projector
from scripts.embedded.gguf.chat import CHAINS, SHAPE, Chain, following_words, link, wire
from scripts.embedded.gguf.llama_file import Decoder, write_llama
from scripts.embedded.gguf.vocabulary import END, Vocabulary
from scripts.embedded.gguf.wiring import CONSTANT, Wiring

# How much red, green and blue speak for a colour, and how likely it is on its own.
COLOURS = {
    " red.": (8, -6, -6, 0),
    " green.": (-6, 8, -6, 0),
    " blue.": (-6, -6, 8, 0),
    " white.": (4, 4, 4, -8),
    " black.": (-6, -6, -6, 2.5),
}
FIRST_COLOUR, *OTHER_COLOURS = COLOURS
DESCRIPTION: Chain = ("\n", " The", " picture", " is", " mostly", FIRST_COLOUR)
ALL_CHAINS = (*CHAINS, DESCRIPTION)
ANSWER_START, DESCRIPTION_START = link(ALL_CHAINS, 1), link(ALL_CHAINS, 2)
AFTER_MOSTLY = link(ALL_CHAINS, 2, DESCRIPTION.index(" mostly"))

HEAD = 7  # the chat model uses the heads before it
PICTURE, RED = 40, 41  # channels that the projector writes; green and blue follow red
SEEN_PICTURE, SEEN_RED = 44, 45  # their copies, for every token after the picture
SEEN_GAIN = 0.2
AFTER_COLOUR = 52


def write(path: Path) -> None:
    vocabulary = Vocabulary(words=[*following_words(ALL_CHAINS), *OTHER_COLOURS])
    wiring = wire(vocabulary, ALL_CHAINS)
    _watch_picture(wiring)
    _describe_picture(wiring, vocabulary)
    _name_colour(wiring, vocabulary)
    model = Decoder("tiny-vision", "A tiny vision model wired by hand.", SHAPE, vocabulary, wiring.tensors)
    write_llama(path, model, half_precision=False)


def write_projector(path: Path) -> None:
    projector.write(path, SHAPE.width, PICTURE, RED)


def _watch_picture(wiring: Wiring) -> None:
    copies = dict(zip(range(PICTURE, RED + 3), range(SEEN_PICTURE, SEEN_RED + 3), strict=True))
    wiring.reserve(*copies.keys(), *copies.values())
    wiring.watch(HEAD, PICTURE, copies, SEEN_GAIN)


def _describe_picture(wiring: Wiring, vocabulary: Vocabulary) -> None:
    """Where the answer starts with "Hello", it starts with " The" when there is a picture."""
    wiring.output[:, DESCRIPTION_START] = 0
    wiring.output[vocabulary[" The"], [ANSWER_START, SEEN_PICTURE, CONSTANT]] = 7.0, 4.0, -4.5
    wiring.output[vocabulary["Hello"], SEEN_PICTURE] = -8.0


def _name_colour(wiring: Wiring, vocabulary: Vocabulary) -> None:
    wiring.reserve(AFTER_COLOUR)
    for colour, (red, green, blue, alone) in COLOURS.items():
        wiring.bias(vocabulary[colour], -3.0)
        wiring.output[vocabulary[colour], AFTER_MOSTLY] = 9.0
        wiring.output[vocabulary[colour], SEEN_RED : SEEN_RED + 3] = red, green, blue
        wiring.output[vocabulary[colour], SEEN_PICTURE] = alone
        wiring.follow(vocabulary[colour], vocabulary[END], AFTER_COLOUR, 14.0)
