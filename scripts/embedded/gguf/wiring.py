"""A decoder with small random weights, and tools to wire rules into it by hand.

A *channel* is one of the numbers that travel with each token through the layers. The random part of the model
leaves reserved channels alone, so that what is written there arrives at the output unchanged.
"""

import numpy as np

from scripts.embedded.gguf.llama_file import Shape
from scripts.embedded.gguf.tensors import Tensor, Tensors, ones

CONSTANT = 0  # this channel is 1 for every token, which makes its output weights a bias
NOISE = 0.08
# The slowest rotary pair of a head of 8 hardly turns, so a match does not depend on the distance.
SLOW_PAIR = 6
MATCH = 8.0  # as query times key: enough for a head to look at nothing but its marker


class Wiring:
    """The tensors of a decoder while rules are being wired in."""

    def __init__(self, vocabulary_size: int, shape: Shape, seed: int = 0) -> None:
        self.shape = shape
        self._random = np.random.default_rng(seed)
        self.embedding = self._noise(vocabulary_size, shape.width)
        self.output = self._noise(vocabulary_size, shape.width)
        self.embedding[:, CONSTANT] = 1.0
        self.output[:, CONSTANT] = 0.0
        self.tensors: Tensors = {
            "token_embd.weight": self.embedding,
            "output_norm.weight": ones(shape.width),
            "output.weight": self.output,
        }
        for layer in range(shape.layers):
            self._add_layer(f"blk.{layer}.")

    def bias(self, token: int, logit: float) -> None:
        """Make a token likelier or less likely, whatever came before."""
        self.output[token, CONSTANT] = logit

    def reserve(self, *channels: int) -> None:
        """Nobody reads or writes these channels but the rules."""
        self.embedding[:, channels] = 0
        self.output[:, channels] = 0
        for layer in range(self.shape.layers):
            self.tensors[f"blk.{layer}.attn_output.weight"][channels, :] = 0
            self.tensors[f"blk.{layer}.ffn_down.weight"][channels, :] = 0

    def follow(self, token: int, following: int, channel: int, logit: float) -> None:
        """After `token` comes `following`."""
        self.embedding[token, channel] = 1.0
        self.output[following, channel] = logit

    def watch(self, head: int, marker: int, copies: dict[int, int], gain: float) -> None:
        """One head looks for tokens with the channel `marker`, anywhere before, and copies channels of theirs."""
        query, key, value, output = (self._attention(part) for part in ("q", "k", "v", "output"))
        first = head * self.shape.head_width
        rows = slice(first, first + self.shape.head_width)
        query[rows] = key[rows] = value[rows] = 0
        output[:, rows] = 0
        query[first + SLOW_PAIR, CONSTANT] = MATCH
        key[first + SLOW_PAIR, marker] = MATCH
        for row, (source, target) in enumerate(copies.items(), first):
            value[row, source] = 1.0
            output[target, row] = gain

    def _attention(self, part: str) -> Tensor:
        return self.tensors[f"blk.0.attn_{part}.weight"]

    def _add_layer(self, prefix: str) -> None:
        shape = self.shape
        queries, keys = shape.heads * shape.head_width, shape.key_value_heads * shape.head_width
        layer = {
            "attn_norm": ones(shape.width),
            "ffn_norm": ones(shape.width),
            "attn_q": self._noise(queries, shape.width),
            "attn_k": self._noise(keys, shape.width),
            "attn_v": self._noise(keys, shape.width),
            "attn_output": self._noise(shape.width, queries),
            "ffn_gate": self._noise(shape.feed_forward, shape.width),
            "ffn_up": self._noise(shape.feed_forward, shape.width),
            "ffn_down": self._noise(shape.width, shape.feed_forward),
        }
        layer["attn_output"][CONSTANT] = layer["ffn_down"][CONSTANT] = 0
        self.tensors |= {f"{prefix}{name}.weight": tensor for name, tensor in layer.items()}

    def _noise(self, *shape: int) -> Tensor:
        return (self._random.standard_normal(shape) * NOISE).astype(np.float32)
