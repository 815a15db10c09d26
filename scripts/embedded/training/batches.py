"""Conversations as batches of tokens; what the model does not have to say is masked out of the targets."""

from collections.abc import Iterator
from itertools import chain
from random import Random

from scripts.embedded.training.bpe import Encoder
from scripts.embedded.training.conversations import conversation
from scripts.embedded.training.pytorch import torch

type Example = tuple[list[int], list[int]]  # tokens, and the same with NOT_LEARNED in place of what others say

NOT_LEARNED = -100  # PyTorch's word for "no loss here"
POOL = 1024  # conversations that are sorted by length, so that little of a batch is padding
LONGEST = 512  # tokens


def batches(encoder: Encoder, random: Random, tokens_per_batch: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Inputs and targets, without end."""
    while True:
        pool = [_example(encoder, random) for _ in range(POOL)]
        groups = _grouped([example for example in pool if len(example[0]) <= LONGEST], tokens_per_batch)
        random.shuffle(groups)
        for group in groups:
            inputs, targets = _padded([ids for ids, _ in group], 0), _padded([ids for _, ids in group], NOT_LEARNED)
            yield inputs[:, :-1], targets[:, 1:]


def _example(encoder: Encoder, random: Random) -> Example:
    pieces = [(encoder.encode(piece.text), piece.learned) for piece in conversation(random)]
    targets = [ids if learned else [NOT_LEARNED] * len(ids) for ids, learned in pieces]
    return list(chain.from_iterable(ids for ids, _ in pieces)), list(chain.from_iterable(targets))


def _grouped(examples: list[Example], tokens: int) -> list[list[Example]]:
    groups: list[list[Example]] = [[]]
    for example in sorted(examples, key=lambda example: len(example[0])):
        if (len(groups[-1]) + 1) * len(example[0]) > tokens:
            groups.append([])
        groups[-1].append(example)
    return groups


def _padded(rows: list[list[int]], filler: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])
