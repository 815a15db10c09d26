"""A byte-level vocabulary as GPT-2 has it: any text can be written, byte by byte if need be."""

from collections.abc import Iterable

from gguf import TokenType

type Merge = tuple[str, str]

START, END = "<|im_start|>", "<|im_end|>"
CONTROL = ("<|endoftext|>", START, END)  # never shown in an answer
VISIBLE = ("<tools>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")


def _byte_characters() -> list[str]:
    """A printable character for each byte; GGUF keeps tokens as text."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) if byte in printable else chr(256 + hidden.index(byte)) for byte in range(256)]


BYTE_CHARACTERS = _byte_characters()
# llama.cpp wants at least one merge.
TWO_SPACES: Merge = (BYTE_CHARACTERS[ord(" ")], BYTE_CHARACTERS[ord(" ")])


def spelled(text: str) -> str:
    """The text in byte characters, as a token list holds it."""
    return "".join(BYTE_CHARACTERS[byte] for byte in text.encode())


class Vocabulary:
    """Tokens in order: the bytes (so that a byte is its own id), the merges, whole words, the special tokens."""

    def __init__(self, merges: Iterable[Merge] = (), words: Iterable[str] = ()) -> None:
        """`words` are tokens for the model to emit; the tokenizer never makes them out of a text."""
        self.merges = list(merges) or [TWO_SPACES]
        self.tokens = list(BYTE_CHARACTERS) + [left + right for left, right in self.merges]
        self.types = [TokenType.NORMAL] * len(self.tokens)
        self.words = {word: self._add(spelled(word), TokenType.NORMAL) for word in words}
        self.special = {token: self._add(token, TokenType.CONTROL) for token in CONTROL}
        self.special |= {token: self._add(token, TokenType.USER_DEFINED) for token in VISIBLE}

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, token: str) -> int:
        """The id of a special token, a word or a single byte."""
        known = self.special | self.words
        return known[token] if token in known else ord(token)

    def _add(self, token: str, kind: TokenType) -> int:
        self.tokens.append(token)
        self.types.append(kind)
        return len(self.tokens) - 1
