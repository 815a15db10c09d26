"""An async client for Ollama: `async with OllamaService() as ollama: print(await ollama.generate("why?", model="…"))`.

service     what it can do, one method each
├── answers     streamed events, or all of them collected
├── listing     models as the server lists and describes them
├── pulling     the progress of a download
├── messages    what callers write as messages and tools
└── transport   connections, time-outs, tries
    ├── config      where Ollama is: argument, environment, default
    └── errors      what can go wrong, as the server said it
"""

from scripts.ollama_service.answers import ChatResult, Stream
from scripts.ollama_service.config import Config
from scripts.ollama_service.errors import (
    OllamaConnectionError,
    OllamaModelNotFoundError,
    OllamaServiceError,
    OllamaStreamError,
)
from scripts.ollama_service.listing import ListedModel, ModelDetails
from scripts.ollama_service.pulling import PullProgress
from scripts.ollama_service.service import Health, OllamaService

__all__ = [
    "ChatResult",
    "Config",
    "Health",
    "ListedModel",
    "ModelDetails",
    "OllamaConnectionError",
    "OllamaModelNotFoundError",
    "OllamaService",
    "OllamaServiceError",
    "OllamaStreamError",
    "PullProgress",
    "Stream",
]
