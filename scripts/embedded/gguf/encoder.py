"""A BERT encoder wired by hand: each word piece has a random code of +1 and -1, and the layers start out idle.

All that enters a LayerNorm has mean 0 and one and the same length, so that the norm is undone by a constant gain:
codes and positions hold as many +1 as -1, the filler pair makes up for weak codes, the constant pair never changes.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, LlamaFileType, PoolingType

from scripts.embedded.gguf.tensors import Tensor, Tensors, finish_file, new_file, ones, zeros
from scripts.embedded.gguf.wordpieces import SPECIAL, piece_types, weight, word_pieces

CONTEXT_LENGTH = 512
HIDDEN = 32  # width of the feed-forward part
PAIR = np.array([1.0, -1.0])


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """The sizes of an encoder, and which channels hold what."""

    width: int
    codes: int  # the first channels are the code of the piece
    positions: int  # then comes the code of its position
    layers: int

    @property
    def filler(self) -> slice:
        return slice(self.width - 4, self.width - 2)

    @property
    def constant(self) -> slice:
        return slice(self.width - 2, self.width)

    @property
    def gain(self) -> float:
        """What a LayerNorm has to multiply with, to leave its input as it was."""
        return float(np.sqrt((self.codes + self.positions + len(PAIR)) / self.width))


def encoder_tensors(shape: EncoderShape, seed: int = 0) -> Tensors:
    random = np.random.default_rng(seed)
    tensors = _embeddings(shape, random)
    for layer in range(shape.layers):
        tensors |= _idle_layer(f"blk.{layer}", shape)
    return tensors


def write_encoder(path: Path, name: str, shape: EncoderShape, tensors: Tensors, pooling: PoolingType) -> None:
    writer = new_file(path, "bert", name, f"A {name} model wired by hand.")
    _add_shape(writer, shape, pooling)
    _add_tokenizer(writer)
    if pooling == PoolingType.RANK:
        writer.add_classifier_output_labels(["relevance"])
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    finish_file(writer, tensors | {"token_embd.weight": tensors["token_embd.weight"].astype(np.float16)})


def _embeddings(shape: EncoderShape, random: np.random.Generator) -> Tensors:
    positions = zeros(CONTEXT_LENGTH, shape.width)
    tokens = _token_embeddings(shape, random)
    positions[:, shape.codes : shape.codes + shape.positions] = _codes(random, CONTEXT_LENGTH, shape.positions)
    return {
        "token_embd.weight": tokens,
        "position_embd.weight": positions,
        "token_types.weight": zeros(2, shape.width),
        "token_embd_norm.weight": ones(shape.width) * shape.gain,
        "token_embd_norm.bias": zeros(shape.width),
    }


def _token_embeddings(shape: EncoderShape, random: np.random.Generator) -> Tensor:
    weights = np.array([[weight(piece)] for piece in word_pieces()])
    tokens = zeros(len(weights), shape.width)
    tokens[:, : shape.codes] = weights * _codes(random, len(weights), shape.codes)
    tokens[:, shape.filler] = np.sqrt(shape.codes * (1 - weights**2) / len(PAIR)) * PAIR
    tokens[:, shape.constant] = PAIR
    return tokens


def _codes(random: np.random.Generator, rows: int, columns: int) -> Tensor:
    """Each row holds as many +1 as -1, in an order of its own."""
    signs = np.resize(PAIR, (rows, columns))
    return random.permuted(signs, axis=1)


def _idle_layer(prefix: str, shape: EncoderShape) -> Tensors:
    """Adds nothing to what passes through; the wiring comes later."""
    square = {f"attn_{part}": (shape.width, shape.width) for part in ("q", "k", "v", "output")}
    idle = square | {"ffn_up": (HIDDEN, shape.width), "ffn_down": (shape.width, HIDDEN)}
    weights = {f"{name}.weight": zeros(*size) for name, size in idle.items()}
    biases = {f"{name}.bias": zeros(size[0]) for name, size in idle.items()}
    for norm in ("attn_output_norm", "layer_output_norm"):
        weights[f"{norm}.weight"] = ones(shape.width) * shape.gain
        biases[f"{norm}.bias"] = zeros(shape.width)
    return {f"{prefix}.{name}": tensor for name, tensor in (weights | biases).items()}


def _add_shape(writer: GGUFWriter, shape: EncoderShape, pooling: PoolingType) -> None:
    writer.add_context_length(CONTEXT_LENGTH)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(1)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(value=False)
    writer.add_pooling_type(pooling)


def _add_tokenizer(writer: GGUFWriter) -> None:
    pieces = word_pieces()
    ids = {piece: number for number, piece in enumerate(SPECIAL)}
    writer.add_vocab_size(len(pieces))
    writer.add_token_type_count(2)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(pieces)
    writer.add_token_types(piece_types(pieces))
    writer.add_bos_token_id(ids["[CLS]"])
    writer.add_eos_token_id(ids["[SEP]"])
    writer.add_sep_token_id(ids["[SEP]"])
    writer.add_unk_token_id(ids["[UNK]"])
    writer.add_pad_token_id(ids["[PAD]"])
    writer.add_mask_token_id(ids["[MASK]"])
    writer.add_add_bos_token(value=True)
    writer.add_add_eos_token(value=True)
