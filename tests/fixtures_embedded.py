"""Real llama.cpp servers for any test, each started once."""

from collections.abc import Iterator

import pytest

from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server


@pytest.fixture(scope="session")
def chat_server() -> Iterator[EmbeddedServer]:
    """Thinks, says "Hello from the tiny test model.", calls tools, obeys JSON schemas."""
    with embedded_server(EmbeddedOptions("chat")) as server:
        yield server


@pytest.fixture(scope="session")
def demo_server() -> Iterator[EmbeddedServer]:
    """Answers a few questions in English and Chinese."""
    with embedded_server(EmbeddedOptions("demo")) as server:
        yield server


@pytest.fixture(scope="session")
def embedding_server() -> Iterator[EmbeddedServer]:
    """Vectors of 64 numbers; texts that share words are close."""
    with embedded_server(EmbeddedOptions("embedding")) as server:
        yield server


@pytest.fixture(scope="session")
def rerank_server() -> Iterator[EmbeddedServer]:
    """Scores follow the words that query and document share."""
    with embedded_server(EmbeddedOptions("rerank")) as server:
        yield server


@pytest.fixture(scope="session")
def vision_server() -> Iterator[EmbeddedServer]:
    """Names the colour that dominates a picture."""
    with embedded_server(EmbeddedOptions("vision")) as server:
        yield server
