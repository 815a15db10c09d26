"""Vectors per second by batch size, through the plugin and by a bare client of the same real llama.cpp server."""

from collections.abc import Iterator

from scripts.bench.embeddings import by_batch
from scripts.bench.figures import Pairs
from scripts.bench.lab import Lab
from scripts.bench.rows import Row, What, row
from scripts.embedded.server import EmbeddedOptions, embedded_server

SECONDS = 0.5  # for each batch size and side, in each round
ROUNDS = 3


def embeddings(lab: Lab) -> Iterator[Row]:
    ours: dict[int, list[float]] = {}
    bare: dict[int, list[float]] = {}
    with embedded_server(EmbeddedOptions("embedding")) as server:
        for _ in lab.rounds(ROUNDS):
            for batch, through, direct in by_batch(lab.ours, server.url, SECONDS):
                ours.setdefault(batch, []).append(through)
                bare.setdefault(batch, []).append(direct)
    for batch, values in ours.items():
        title = f"Embeddings per second, {batch} a call"
        yield row(What(f"embeddings_{batch}", title, "1/s", "ratio"), Pairs(values, bare[batch]))
