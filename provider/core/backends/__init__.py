"""One class per kind of server, and one for each program behind OpenAI's routes that differs."""

from provider.core.backends.base import Backend
from provider.core.backends.docker import DockerModelRunner
from provider.core.backends.jan import Jan
from provider.core.backends.koboldcpp import KoboldCpp
from provider.core.backends.lemonade import Lemonade
from provider.core.backends.llamacpp import LlamaCpp
from provider.core.backends.lmstudio import LMStudio
from provider.core.backends.localai import LocalAI
from provider.core.backends.named import LlamaCppByV1, Llamafile, LMStudioByV1, OllamaByV1
from provider.core.backends.ollama import Ollama
from provider.core.backends.openai import OpenAICompatible
from provider.core.backends.sglang import SGLang
from provider.core.backends.tei import Tei
from provider.core.backends.vllm import Vllm
from provider.core.backends.whispercpp import WhisperCpp
from provider.core.http import Http
from provider.core.server import Server

BACKENDS: dict[str, type[Backend]] = {each.kind: each for each in (Ollama, LlamaCpp, LMStudio, OpenAICompatible)}
FLAVOURS: dict[str, type[OpenAICompatible]] = {
    each.program: each
    for each in (
        Vllm, SGLang, LocalAI, KoboldCpp, Jan, DockerModelRunner, Lemonade, Tei, WhisperCpp,
        Llamafile, OllamaByV1, LlamaCppByV1, LMStudioByV1,
    )
}  # fmt: skip


def open_backend(server: Server, flavour: str = "") -> Backend:
    """The class for `server.kind`, which must be known by now, and for the program; opens no connection."""
    return _class_of(server.kind, flavour)(Http(server), flavour)


def label_of(kind: str, flavour: str = "") -> str:
    """What people call the program."""
    return _class_of(kind, flavour).label


def _class_of(kind: str, flavour: str) -> type[Backend]:
    return FLAVOURS.get(flavour, OpenAICompatible) if kind == OpenAICompatible.kind else BACKENDS[kind]


__all__ = ["BACKENDS", "FLAVOURS", "Backend", "label_of", "open_backend"]
