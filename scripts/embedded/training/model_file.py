"""The trained network as a GGUF file, and back again."""

from pathlib import Path

import numpy as np
from gguf import GGUFReader

from scripts.embedded.gguf.llama_file import Decoder, Shape, read_vocabulary, write_llama
from scripts.embedded.gguf.vocabulary import Vocabulary
from scripts.embedded.training.network import Network
from scripts.embedded.training.pytorch import torch

SHAPE = Shape(width=192, layers=4, heads=6, key_value_heads=2, feed_forward=512, context_length=2048, rope_base=10000.0)


def save(path: Path, network: Network, vocabulary: Vocabulary) -> None:
    """The output matrix is left out: llama.cpp takes the embedding, as the network does."""
    model = Decoder("Tiny demo", "tiny demo model, trained from scratch", SHAPE, vocabulary, network.tensors())
    write_llama(path, model, half_precision=True)


def load(path: Path) -> tuple[Network, Vocabulary]:
    vocabulary = read_vocabulary(path)
    network = Network(len(vocabulary), SHAPE)
    weights = {tensor.name: torch.tensor(tensor.data.astype(np.float32)) for tensor in GGUFReader(path).tensors}
    network.load_state_dict(weights)
    return network, vocabulary
