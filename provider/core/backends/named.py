"""Programs that are plain OpenAI-compatible servers to us, but have a name to be called by."""

from provider.core.backends.openai import OpenAICompatible
from provider.core.wire.openai_request import Dialect


class Llamafile(OpenAICompatible):
    """Its own server, which versions 0.9 had besides llama.cpp's; all others are llama.cpp to us."""

    program = "llamafile"
    label = "llamafile"
    how_to_start = "./MODEL.llamafile --server --host 0.0.0.0"
    wants_bytes = True


class OllamaByV1(OpenAICompatible):
    """When “OpenAI-compatible” was chosen by hand."""

    program = "ollama"
    label = "Ollama"
    how_to_start = "ollama serve"
    wants_bytes = True
    thinking_field = "reasoning"

    def how_to_get(self, model: str) -> str:
        return f"Get it: ollama pull {model}"


class LlamaCppByV1(OpenAICompatible):
    program = "llamacpp"
    label = "llama.cpp"
    how_to_start = "llama-server --model FILE.gguf --host 0.0.0.0 --port 8080"
    wants_bytes = True
    thinking_field = "reasoning_content"


class LMStudioByV1(OpenAICompatible):
    program = "lmstudio"
    label = "LM Studio"
    how_to_start = "lms server start"
    wants_bytes = True

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.kind, self.program, json_object=False)
