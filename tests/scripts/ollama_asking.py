"""One conversation with a server through the client, and what came of it."""

import asyncio
import socket
from types import SimpleNamespace

from scripts.ollama_service import OllamaService


def ask(server, use, **settings):
    """The result of `await use(ollama)`; tries follow each other without a pause."""
    return asyncio.run(_asked(server.url, use, settings))


async def _asked(url, use, settings):
    async with OllamaService(url, **{"model": "m", "sleep": no_pause, **settings}) as ollama:
        return await use(ollama)


async def no_pause(_seconds):
    """In place of the seconds between two tries."""


async def all_of(stream, seen):
    """Keeps what came also when the stream ends with an error."""
    async for item in stream:
        seen.append(item)
    return seen


def gone():
    """In place of a server: an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return SimpleNamespace(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
