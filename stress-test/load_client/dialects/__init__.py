"""How each kind of server says its answer: events in, facts of an exchange out. No I/O."""

from load_client.dialects.base import Dialect
from load_client.dialects.dify import Dify
from load_client.dialects.ollama import Ollama
from load_client.dialects.openai import OpenAI

DIALECTS: dict[str, type[Dialect]] = {"dify": Dify, "openai": OpenAI, "ollama": Ollama}
