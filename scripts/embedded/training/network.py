"""A llama decoder in PyTorch, with the arithmetic and the tensor names of llama.cpp."""

import math

from scripts.embedded.gguf.llama_file import NORM_EPSILON, Shape
from scripts.embedded.gguf.tensors import Tensors
from scripts.embedded.training.pytorch import torch

Tensor = torch.Tensor
nn = torch.nn
functional = torch.nn.functional


class Network(nn.Module):
    """Token ids in, logits out; the output shares the matrix of the embedding."""

    def __init__(self, vocabulary_size: int, shape: Shape) -> None:
        super().__init__()
        self.token_embd = nn.Embedding(vocabulary_size, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape.width)
        self.register_buffer("turns", _rotations(shape), persistent=False)
        _start_small(self, shape)

    def forward(self, ids: Tensor) -> Tensor:
        return self.logits(self.hidden(ids))

    def hidden(self, ids: Tensor) -> Tensor:
        turns = self.turns[: ids.shape[1]]
        state = self.token_embd(ids)
        for block in self.blk:
            state = block(state, turns)
        return self.output_norm(state)

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.token_embd.weight.T

    def tensors(self) -> Tensors:
        return {name: tensor.detach().float().numpy() for name, tensor in self.state_dict().items()}


class Block(nn.Module):
    """Attention, then a gated feed-forward part; the names are those of the file format."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        queries, keys = shape.heads * shape.head_width, shape.key_value_heads * shape.head_width
        self.attn_norm, self.ffn_norm = Norm(shape.width), Norm(shape.width)
        self.attn_q = nn.Linear(shape.width, queries, bias=False)
        self.attn_k = nn.Linear(shape.width, keys, bias=False)
        self.attn_v = nn.Linear(shape.width, keys, bias=False)
        self.attn_output = nn.Linear(queries, shape.width, bias=False)
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, state: Tensor, turns: Tensor) -> Tensor:
        state = state + self.attention(self.attn_norm(state), turns)
        inner = self.ffn_norm(state)
        return state + self.ffn_down(functional.silu(self.ffn_gate(inner)) * self.ffn_up(inner))

    def attention(self, state: Tensor, turns: Tensor) -> Tensor:
        groups = self.shape.heads // self.shape.key_value_heads
        query = _turned(self._heads(self.attn_q(state)), turns)
        key = _turned(self._heads(self.attn_k(state)), turns).repeat_interleave(groups, dim=1)
        value = self._heads(self.attn_v(state)).repeat_interleave(groups, dim=1)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.attn_output(seen.transpose(1, 2).flatten(2))

    def _heads(self, state: Tensor) -> Tensor:
        return state.unflatten(2, (-1, self.shape.head_width)).transpose(1, 2)


class Norm(nn.Module):
    """Brings each token's numbers to one length, then weighs them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, state: Tensor) -> Tensor:
        return functional.rms_norm(state, self.weight.shape, self.weight, NORM_EPSILON)


def _rotations(shape: Shape) -> Tensor:
    """How far each pair of numbers turns at each position, as complex numbers of length 1."""
    pairs = torch.arange(0, shape.head_width, 2).float() / shape.head_width
    angles = torch.outer(torch.arange(shape.context_length).float(), shape.rope_base**-pairs)
    return torch.polar(torch.ones_like(angles), angles)


def _turned(heads: Tensor, turns: Tensor) -> Tensor:
    """Neighbours make a pair, as llama.cpp has it for llama."""
    pairs = torch.view_as_complex(heads.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * turns).flatten(-2).type_as(heads)


def _start_small(network: Network, shape: Shape) -> None:
    for name, weight in network.named_parameters():
        if weight.ndim == 2:  # noqa: PLR2004 - a matrix
            nn.init.normal_(weight, std=0.02 if "embd" in name else 1 / math.sqrt(weight.shape[1]))
        if name.endswith(("attn_output.weight", "ffn_down.weight")):
            # What is added to the stream grows with the number of layers.
            weight.data.mul_(1 / math.sqrt(2 * shape.layers))
