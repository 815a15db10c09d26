"""A rerank model wired by hand: it counts the word pieces that stand both in the query and in the document.

Layer 0 looks at all equal pieces and copies their mean position. Where that differs from a piece's own position, the
piece stands in the text twice, and the feed-forward part raises a flag. Layer 1 collects the mean of the flags, and
the score is made from it: about -5 for nothing in common, +5 for a lot.
"""

from pathlib import Path

import numpy as np
from gguf import PoolingType

from scripts.embedded.gguf.encoder import HIDDEN, EncoderShape, encoder_tensors, write_encoder
from scripts.embedded.gguf.tensors import Tensors, zeros

CODES, POSITIONS = 90, 16
SHAPE = EncoderShape(width=128, codes=CODES, positions=POSITIONS, layers=2)
COPY = CODES + POSITIONS  # the first channel of the copied position
FLAG = COPY + POSITIONS  # a pair of channels, to keep the mean at 0

EQUAL_PIECES = 30.0  # the attention score of a piece with itself; different pieces get about 0
DIFFERENCE = 6.0
FILLER_VETO = -4.0
FLAG_STEP = 0.12
SCORE_GAIN, SCORE_BIAS = 6.0, -5.0


def write(path: Path) -> None:
    tensors = encoder_tensors(SHAPE)
    _copy_positions_of_equal_pieces(tensors)
    _flag_different_positions(tensors)
    _collect_flags(tensors)
    write_encoder(path, "tiny-rerank", SHAPE, tensors, PoolingType.RANK)


def _copy_positions_of_equal_pieces(tensors: Tensors) -> None:
    codes, positions = np.arange(CODES), np.arange(POSITIONS)
    # llama.cpp divides the score by the square root of the width.
    strength = np.sqrt(EQUAL_PIECES / CODES) * SHAPE.width**0.25
    for part in ("q", "k"):
        tensors[f"blk.0.attn_{part}.weight"][codes, codes] = strength
    tensors["blk.0.attn_v.weight"][positions, CODES + positions] = 1.0
    tensors["blk.0.attn_output.weight"][COPY + positions, positions] = 1.0


def _flag_different_positions(tensors: Tensors) -> None:
    """One hidden unit sees a copied position above the piece's own, the next one sees it below."""
    up, down = tensors["blk.0.ffn_up.weight"], tensors["blk.0.ffn_down.weight"]
    units = np.arange(HIDDEN)
    positions, signs = units // 2, np.where(units % 2, -1.0, 1.0)
    up[units, COPY + positions] = DIFFERENCE * signs
    up[units, CODES + positions] = -DIFFERENCE * signs
    up[:, SHAPE.filler] = FILLER_VETO, -FILLER_VETO  # pieces that say nothing never raise the flag
    down[FLAG], down[FLAG + 1] = FLAG_STEP, -FLAG_STEP


def _collect_flags(tensors: Tensors) -> None:
    """Without queries and keys, attention is the mean over all pieces."""
    tensors["blk.1.attn_v.weight"][0, FLAG] = 1.0
    tensors["blk.1.attn_output.weight"][[FLAG, FLAG + 1], 0] = 1.0, -1.0
    classifier = zeros(1, SHAPE.width)
    classifier[0, FLAG] = SCORE_GAIN
    tensors |= {"cls.output.weight": classifier, "cls.output.bias": np.full(1, SCORE_BIAS, np.float32)}
