"""One class per kind of server."""

from provider.core.backends.base import Backend
from provider.core.backends.llamacpp import LlamaCpp
from provider.core.backends.lmstudio import LMStudio
from provider.core.backends.ollama import Ollama
from provider.core.backends.openai import OpenAICompatible
from provider.core.http import Http
from provider.core.server import Server

BACKENDS: dict[str, type[Backend]] = {each.kind: each for each in (Ollama, LlamaCpp, LMStudio, OpenAICompatible)}


def open_backend(server: Server, flavour: str = "") -> Backend:
    """The class for `server.kind`, which must be known by now; opens no connection."""
    return BACKENDS[server.kind](Http(server), flavour)


__all__ = ["BACKENDS", "Backend", "open_backend"]
