"""Connections that the server accepts for calls one after the other."""

from collections.abc import Iterator

from scripts.bench.answers import to_server
from scripts.bench.figures import Pairs
from scripts.bench.lab import Lab
from scripts.bench.rows import Row, What, row
from tests.servers.paced_process import paced_server

CALLS = 40
WHAT = What("connections", f"Connections for {CALLS} calls", "", "value", 1)


def connections(lab: Lab) -> Iterator[Row]:
    with paced_server() as fresh:
        question = to_server(fresh.url, "ollama", 1)
        for call in range(CALLS):
            lab.ask(lab.ours, question)
            lab.on_round(call + 1, CALLS)
        served = fresh.stats()
    yield row(WHAT, Pairs([served["connections"]], [served["requests"]]))
