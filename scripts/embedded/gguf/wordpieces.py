"""The vocabulary of the BERT models: word pieces of up to three letters, numbers, common Chinese characters, signs."""

from collections.abc import Iterable, Iterator
from itertools import product
from string import ascii_lowercase, punctuation

from gguf import TokenType

WORD_START = "▁"  # marks a piece that begins a word
SPECIAL = {
    "[PAD]": TokenType.CONTROL,
    "[UNK]": TokenType.UNKNOWN,
    "[CLS]": TokenType.CONTROL,
    "[SEP]": TokenType.CONTROL,
    "[MASK]": TokenType.CONTROL,
}
# Words that say nothing about the subject of a text.
STOP_WORDS = """
    a an the is are was were be been am of in on at to for from by with and or not no do does did has have had it its
    this that these those i you he she we they me my your his her our their what which who whom how when where why can
    could will would shall should may might must as if then than so about into over under please tell there here just
    also very
""".split()
STOP_CHARACTERS = "的了是在和与就都而及或一个我你他她它们这那哪什么吗呢吧啊呀有没不很也把被为请"
CHINESE_PUNCTUATION = "，。！？；：、“”‘’（）《》…—·"
LONGEST = 3


def word_pieces() -> list[str]:
    """All pieces; their order is their ids, the special ones first."""
    return list(dict.fromkeys([*SPECIAL, *_latin(), *_signs(), *_chinese(), *_accented()]))


def piece_types(pieces: Iterable[str]) -> list[TokenType]:
    return [SPECIAL.get(piece, TokenType.NORMAL) for piece in pieces]


def weight(piece: str) -> float:
    """How much a piece says about its text: nothing, a little (it is short), or all it can."""
    body = piece.removeprefix(WORD_START)
    if piece in _SILENT or not any(character.isalnum() for character in body):
        return 0.0
    return 0.8 if body.isascii() and len(body) < LONGEST else 1.0


_SILENT = {*SPECIAL, *(WORD_START + word for word in [*STOP_WORDS, *STOP_CHARACTERS])}


def _latin() -> Iterator[str]:
    letters = ["".join(run) for length in range(1, LONGEST + 1) for run in product(ascii_lowercase, repeat=length)]
    numbers = [str(number) for number in range(100)] + [f"{number:02}" for number in range(10)]
    for start in (WORD_START, ""):
        yield from (start + body for body in letters + numbers)
    yield from (WORD_START + word for word in STOP_WORDS)


def _signs() -> Iterator[str]:
    for sign in punctuation + CHINESE_PUNCTUATION:
        yield from (WORD_START + sign, sign)


def _chinese() -> Iterator[str]:
    """Each character is a word of its own. GB 2312 lists the 3755 most common ones first."""
    rows, cells = range(0xB0, 0xD8), range(0xA1, 0xFF)
    common = b"".join(bytes([row, cell]) for row in rows for cell in cells).decode("gb2312", errors="ignore")
    yield from (WORD_START + character for character in common + STOP_CHARACTERS)


def _accented() -> Iterator[str]:
    letters = [chr(code) for code in range(0x80, 0x250) if chr(code).isalpha()]
    for start in (WORD_START, ""):
        yield from (start + letter for letter in letters)
