"""An embedding model wired by hand: the mean of the codes of all word pieces, so common words bring texts together."""

from pathlib import Path

from gguf import PoolingType

from scripts.embedded.gguf.encoder import EncoderShape, encoder_tensors, write_encoder

SHAPE = EncoderShape(width=64, codes=60, positions=0, layers=1)


def write(path: Path) -> None:
    tensors = encoder_tensors(SHAPE)
    # Only the codes reach the pooling; the server makes the mean a vector of length 1.
    tensors["blk.0.layer_output_norm.weight"][SHAPE.codes :] = 0
    write_encoder(path, "tiny-embedding", SHAPE, tensors, PoolingType.MEAN)
