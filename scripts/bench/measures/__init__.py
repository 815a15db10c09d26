"""What is measured, by name. Each takes the laboratory and gives its rows."""

from collections.abc import Callable, Iterator

from scripts.bench.lab import Lab
from scripts.bench.measures.connections import connections
from scripts.bench.measures.cpu import cpu
from scripts.bench.measures.embeddings import embeddings
from scripts.bench.measures.first_token import first_token
from scripts.bench.measures.load_client import load_client
from scripts.bench.measures.routing import discovery, routing
from scripts.bench.measures.start import start
from scripts.bench.measures.streams import burst, streams
from scripts.bench.rows import Row

MEASURES: dict[str, Callable[[Lab], Iterator[Row]]] = {
    "cpu": cpu,
    "first_token": first_token,
    "connections": connections,
    "start": start,
    "embeddings": embeddings,
    "discovery": discovery,
    "routing": routing,
    "streams": streams,
    "burst": burst,
    "load_client": load_client,
}
